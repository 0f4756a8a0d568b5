use serde_json::json;

/// More wrong tries than one address has free.
const TRIES: usize = 61;

/// A header that says "I come from elsewhere" changes neither who must wait nor what is written down.
#[test]
fn an_invented_address_does_not_shake_off_the_waiting() {
    let centre = super::centre();
    let mut attacker = centre.server.client();
    let mut statuses = Vec::new();
    for no in 0..=TRIES {
        let body = json!({ "login": format!("nobody{no}"), "password": "guessed wrong" }).to_string();
        let (plain, forwarded) = (format!("10.0.0.{no}"), format!("for=10.0.1.{no}"));
        let headers = [
            ("content-type", "application/json"),
            ("x-forwarded-for", plain.as_str()),
            ("x-real-ip", plain.as_str()),
            ("forwarded", forwarded.as_str()),
        ];
        let answer = attacker.send("POST", "/api/session", &headers, Some(body.into_bytes()));
        statuses.push(answer.unwrap().status);
    }
    assert_eq!(statuses[0], 401);
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    let invented = "SELECT COUNT(*) FROM access_log WHERE address LIKE '10.0.%'";
    assert_eq!(centre.server.place().number(invented), 0);
}
