use std::collections::HashSet;

use serde_json::json;
use system_tests::PASSWORD;

use super::{soon, token, with_token};

/// No token is like another, none stands for ever, none opens more than it says, and none outlives its owner.
#[test]
fn tokens_are_neither_guessed_nor_eternal() {
    let centre = super::centre();
    let client = centre.server.client();
    let mut sec = centre.log_in("sec");
    let ann = centre.person("ann");

    let tokens: HashSet<String> = (0..8).map(|_| token(&centre, "ann", &["cases:read"])).collect();
    assert_eq!(tokens.len(), 8);
    for one in &tokens {
        let secret = one.strip_prefix("shouwen_").unwrap();
        assert!(
            secret.len() >= 64 && secret.chars().all(|letter| letter.is_ascii_hexdigit()),
            "{one}"
        );
        assert_eq!(with_token(&client, one, "/api/cases"), 200);
        // It is nowhere kept as it is.
        let kept = format!("SELECT COUNT(*) FROM access_tokens WHERE token_hash LIKE '%{secret}%'");
        assert_eq!(centre.server.place().number(&kept), 0);
    }
    // One that has no end, or one too far away, is not made.
    let mut body = json!({ "name": "x", "person": ann, "scopes": ["cases:read"] });
    sec.post("/api/tokens", &body).expect(400);
    body["ends_at"] = json!("2999-01-01T00:00:00+08:00");
    sec.post("/api/tokens", &body).expect(422);
    // Only its scope is open, and never administration.
    let one = tokens.iter().next().unwrap();
    assert_eq!(with_token(&client, one, "/api/customers"), 403);
    assert_eq!(with_token(&client, one, "/api/tokens"), 403);
    assert_eq!(with_token(&client, one, "/api/session"), 401);
    let security = token(&centre, "sec2", &["cases:read", "organisation:read"]);
    assert_eq!(with_token(&client, &security, &format!("/api/people/{ann}")), 403);
    // Mixed with a log-in it is refused, so that neither hides behind the other.
    assert_eq!(with_token(&centre.log_in("ann"), one, "/api/cases"), 400);
    // A wrong one opens nothing.
    let mut wrong = one.clone();
    wrong.replace_range(wrong.len() - 1.., if one.ends_with('0') { "1" } else { "0" });
    assert_eq!(with_token(&client, &wrong, "/api/cases"), 401);

    // Its time over, revoked, its owner gone: each ends it.
    let mut tokens = tokens.into_iter();
    let (ended, revoked, left) = (
        tokens.next().unwrap(),
        tokens.next().unwrap(),
        tokens.next().unwrap(),
    );
    let page = sec.get(&format!("/api/tokens?person={ann}")).expect(200).json();
    assert!(!page.to_string().contains(&ended), "a token is shown once");
    let newest = token(&centre, "ann", &["cases:read"]);
    let page = sec
        .get(&format!("/api/tokens?person={ann}&limit=200"))
        .expect(200)
        .json();
    let id = page["items"].as_array().unwrap().last().unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    sec.delete(&format!("/api/tokens/{id}")).expect(204);
    assert_eq!(with_token(&client, &newest, "/api/cases"), 401);
    assert_eq!(with_token(&client, &revoked, "/api/cases"), 200);
    centre
        .server
        .place()
        .tamper(&["UPDATE access_tokens SET ends = 1"]);
    assert_eq!(with_token(&client, &ended, "/api/cases"), 401);
    centre
        .server
        .place()
        .tamper(&["UPDATE access_tokens SET ends = 9000000000000"]);
    assert_eq!(with_token(&client, &left, "/api/cases"), 200);
    let seen = sec.get(&format!("/api/people/{ann}")).expect(200).json()["version"].clone();
    sec.post(&format!("/api/people/{ann}/deactivate"), &json!({ "seen": seen }))
        .expect(200);
    assert_eq!(with_token(&client, &left, "/api/cases"), 401);
    let _ = soon();

    // Sessions: none is like another either, and an ended one opens nothing.
    let cookies: HashSet<String> = (0..4)
        .map(|_| {
            let bo = centre.server.log_in("bo", PASSWORD);
            bo.cookie("shouwen_session").unwrap().to_owned()
        })
        .collect();
    assert_eq!(cookies.len(), 4);
    let mut bo = centre.log_in("bo");
    let copy = bo.cookie("shouwen_session").unwrap().to_owned();
    bo.delete("/api/session").expect(204);
    let cookie = format!("shouwen_session={copy}");
    let answer = centre
        .server
        .client()
        .send("GET", "/api/session", &[("cookie", &cookie)], None);
    assert_eq!(answer.unwrap().status, 401);
}
