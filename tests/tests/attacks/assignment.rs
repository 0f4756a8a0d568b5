use serde_json::{Value, json};

/// Fields that are not one's to write are refused, not quietly taken; and nobody hands rights to themselves.
#[test]
fn nobody_writes_more_than_is_theirs() {
    let centre = super::centre();
    let mut sec = centre.log_in("sec");
    let (sec_id, bo, desk) = (centre.person("sec"), centre.person("bo"), centre.unit("centre"));
    for (field, value) in [
        ("active", json!(false)),
        ("demo", json!(true)),
        ("id", json!("1")),
        (
            "functions",
            json!([{ "function": "general_manager", "unit": desk }]),
        ),
        ("held", json!([])),
        ("version", json!(9)),
    ] {
        let mut body = json!({ "login": "eve", "name": "夏娃" });
        body[field] = value.clone();
        sec.post("/api/people", &body).expect(400);
        let mut body = json!({ "login": "bo", "name": "柏一舟", "language": "zh", "seen": 1 });
        body[field] = value;
        sec.put(&format!("/api/people/{bo}"), &body).expect(400);
    }
    let made = "SELECT COUNT(*) FROM people WHERE login = 'eve'";
    assert_eq!(centre.server.place().number(made), 0);
    let mut ann = centre.log_in("ann");
    let mut case = system_tests::Centre::suggestion("路灯");
    case["first_contact_owner"] = json!(bo);
    ann.post("/api/cases", &case).expect(400);

    // Rights of one's own: by granting, by a deputy's appointment, by leaving the last seat, by the back door of another
    // function.
    let version = |client: &mut system_tests::Client, person: &str| -> Value {
        client.get(&format!("/api/people/{person}")).expect(200).json()["version"].clone()
    };
    let seen = version(&mut sec, &sec_id);
    for function in ["agent", "system_admin", "general_manager"] {
        let grant = json!({ "function": function, "unit": desk, "seen": seen });
        sec.post(&format!("/api/people/{sec_id}/functions"), &grant)
            .expect(403);
    }
    let deputy = json!({ "deputy": bo, "function": "general_manager", "unit": desk, "until": super::soon() });
    ann.post("/api/deputies", &deputy).expect(422);
    let deputy = json!({ "deputy": bo, "function": "security_admin", "unit": desk, "until": super::soon() });
    sec.post("/api/deputies", &deputy).expect(403);
    assert_eq!(version(&mut sec, &sec_id), seen);
    assert_eq!(
        centre
            .server
            .place()
            .number("SELECT COUNT(*) FROM holdings WHERE function = 'general_manager'"),
        0
    );
}
