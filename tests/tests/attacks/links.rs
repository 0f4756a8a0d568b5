use serde_json::json;
use system_tests::{Centre, Client, PASSWORD};

const NEW: &str = "a window full of rain";

fn link(sec: &mut Client, centre: &Centre) -> String {
    let made = sec.post(
        &format!("/api/people/{}/password-link", centre.person("ann")),
        &json!({}),
    );
    made.expect(201).json()["link"].as_str().unwrap().to_owned()
}

fn take(centre: &Centre, link: &str, password: &str) -> u16 {
    let body = json!({ "link": link, "password": password });
    centre
        .server
        .client()
        .post("/api/session/password-link", &body)
        .status
}

/// A link sets a password once. A newer one, a changed password and its time end it.
#[test]
fn a_link_to_set_a_password_dies() {
    let centre = super::centre();
    let mut sec = centre.log_in("sec");
    let mut ann = centre.log_in("ann");

    let first = link(&mut sec, &centre);
    // A password that is not taken does not use it up.
    assert_eq!(take(&centre, &first, "password1"), 422);
    assert_eq!(take(&centre, &first, "annannannann"), 422);
    assert_eq!(take(&centre, &first, NEW), 204);
    // Used is used, and what the old password had opened is closed.
    assert_eq!(take(&centre, &first, "another window of rain"), 404);
    ann.get("/api/session").expect(401);
    centre.server.client().log_in("ann", PASSWORD).expect(401);
    centre.server.log_in("ann", NEW);

    // A newer one ends the older.
    let (older, newer) = (link(&mut sec, &centre), link(&mut sec, &centre));
    assert_eq!(take(&centre, &older, PASSWORD), 404);
    assert_eq!(take(&centre, &newer, PASSWORD), 204);

    // A password that was changed in the mean time ends it.
    let waiting = link(&mut sec, &centre);
    let mut ann = centre.log_in("ann");
    ann.put("/api/session/password", &json!({ "old": PASSWORD, "new": NEW }))
        .expect(204);
    assert_eq!(take(&centre, &waiting, PASSWORD), 404);

    // Its day ends it.
    let late = link(&mut sec, &centre);
    centre
        .server
        .place()
        .tamper(&["UPDATE password_links SET ends = 1"]);
    assert_eq!(take(&centre, &late, PASSWORD), 404);
    centre.server.log_in("ann", NEW);
}
