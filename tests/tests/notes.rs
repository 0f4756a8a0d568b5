//! What people say beside a case: colleagues mentioned in a note (GEN-5), and outside numbers given from the phone book and
//! from nothing else (GEN-36), on both databases.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use serde_json::{Value, json};
use system_tests::{Answer, Backend, Centre, Client, verified};

fn act(client: &mut Client, case: &str, action: &str, input: &Value) -> Answer {
    let path = format!("/api/cases/{case}/actions/{action}");
    client.post(&path, &json!({ "input": input }))
}

/// How many notices somebody has of this case.
fn notices(client: &mut Client, case: &str) -> usize {
    let page = client.get("/api/notices").expect(200).json();
    let all = page["items"].as_array().unwrap().iter();
    all.filter(|notice| notice["case"] == case).count()
}

fn mentions(backend: Backend) {
    let Some(centre) = Centre::start(backend) else {
        return;
    };
    let (mut ann, mut bo, mut lena, mut wu) = (
        centre.log_in("ann"),
        centre.log_in("bo"),
        centre.log_in("lena"),
        centre.log_in("wu"),
    );
    let case = Centre::open(&mut ann, "路灯");
    let before = [&mut ann, &mut bo, &mut lena, &mut wu].map(|who| notices(who, &case));
    // When one note names several, one of them twice and the writer too
    let people = ["bo", "lena", "bo", "ann"].map(|login| centre.person(login));
    let note = json!({ "mentioned": people, "mention": "@柏一舟 @连娜 请看" });
    act(&mut ann, &case, "mention", &note).expect(200);
    // Then each is told once, the writer and everybody else not at all
    let after = [&mut ann, &mut bo, &mut lena, &mut wu].map(|who| notices(who, &case));
    let told: Vec<usize> = after
        .iter()
        .zip(before)
        .map(|(after, before)| after - before)
        .collect();
    assert_eq!(told, [0, 1, 1, 0]);
    let page = lena.get(&format!("/api/cases/{case}")).expect(200).json();
    let entry = page["timeline"][0].to_string();
    assert!(entry.contains("柏一舟、连娜、安小禾"), "{entry}");
    // Nobody who is not there, and nothing that is no list, is mentioned
    for wrong in [json!(["1"]), json!(["x"]), json!("1"), json!([])] {
        let note = json!({ "mentioned": wrong, "mention": "请看" });
        let refused = act(&mut ann, &case, "mention", &note).expect(422).json();
        assert_eq!(refused["problems"][0]["field"], "mentioned", "{refused}");
    }
    let (place, _) = centre.server.stop();
    verified(&place);
}

fn numbers(backend: Backend) {
    let Some(centre) = Centre::start(backend) else {
        return;
    };
    let (mut ann, mut lena) = (centre.log_in("ann"), centre.log_in("lena"));
    let case = Centre::open(&mut ann, "停水");
    let body = |number: &str| json!({ "kind": "water", "name": "供水热线", "number": number });
    let made = lena.post("/api/outside-bodies", &body("0100-96116"));
    let entry = made.expect(201).json()["id"].as_str().unwrap().to_owned();
    // A number is given from the phone book only: nothing typed, no other record, nobody's own row
    for wrong in [
        json!("0100-96116"),
        json!("1"),
        json!({ "body": entry, "name": "x", "number": "1" }),
    ] {
        let given = json!({ "outside_body": wrong });
        act(&mut ann, &case, "give_number", &given).expect(422);
    }
    let typed = json!({ "outside_body": entry, "given_number": "110" });
    act(&mut ann, &case, "give_number", &typed).expect(422);
    act(&mut ann, &case, "give_number", &json!({ "outside_body": entry })).expect(200);
    // And the record goes on saying which one was given, whatever becomes of the book
    let path = format!("/api/outside-bodies/{entry}");
    lena.put(&path, &body("0100-96117")).expect(200);
    lena.delete(&path).expect(204);
    let page = ann.get(&format!("/api/cases/{case}")).expect(200).json();
    let entry_told = page["timeline"][0].to_string();
    assert!(entry_told.contains("供水热线 0100-96116"), "{entry_told}");
    // One that was taken out is given no more
    act(&mut ann, &case, "give_number", &json!({ "outside_body": entry })).expect(422);
    let (place, _) = centre.server.stop();
    verified(&place);
}

#[test]
fn gen_5_several_people_in_one_note_are_told_once_each_on_sqlite() {
    mentions(Backend::Sqlite);
}

#[test]
fn gen_5_several_people_in_one_note_are_told_once_each_on_postgres() {
    mentions(Backend::Postgres);
}

#[test]
fn gen_36_a_number_is_given_from_the_phone_book_only_on_sqlite() {
    numbers(Backend::Sqlite);
}

#[test]
fn gen_36_a_number_is_given_from_the_phone_book_only_on_postgres() {
    numbers(Backend::Postgres);
}
