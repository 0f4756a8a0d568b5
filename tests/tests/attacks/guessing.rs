use serde_json::json;
use system_tests::PASSWORD;

/// Wrong tries make a name wait, however many come at once, and a right one must wait too.
#[test]
fn passwords_are_not_guessed() {
    let centre = super::centre();
    let url = centre.server.url();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..24)
            .map(|no| {
                scope.spawn(move || {
                    let mut client = system_tests::Client::new(url);
                    let body = json!({ "login": "ann", "password": format!("wrong guess {no}") });
                    client.post("/api/session", &body).status
                })
            })
            .collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    let compared = statuses.iter().filter(|status| **status == 401).count();
    assert!((1..=10).contains(&compared), "{statuses:?}");
    centre.server.client().log_in("ann", PASSWORD).expect(429);
    // Nobody else waits for that.
    centre.server.log_in("bo", PASSWORD);
    // The security administrator can end it, and it is written down.
    let mut sec = centre.log_in("sec");
    sec.delete(&format!("/api/people/{}/lock-out", centre.person("ann")))
        .expect(204);
    let mut ann = centre.server.log_in("ann", PASSWORD);
    // The own password, asked for once more, is not guessed either.
    let mut statuses = Vec::new();
    for no in 0..7 {
        let change = json!({ "old": format!("wrong guess {no}"), "new": "a window full of rain" });
        statuses.push(ann.put("/api/session/password", &change).status);
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    let written = "SELECT COUNT(*) FROM access_log WHERE deed IN ('log_in_failed', 'lock_out_ended')";
    assert!(centre.server.place().number(written) >= 6);
}
