use serde_json::{Value, json};
use system_tests::{Backend, Centre, verified};

/// Texts that end a statement's text and go on as SQL, where a text is put into the statement instead of beside it.
const ATTEMPTS: [&str; 7] = [
    "zz' OR '1' = '1",
    "zz') OR ('1' = '1",
    "zz' OR 1=1 --",
    "zz%' OR '1' = '1",
    "'; DROP TABLE customers; --",
    "\\' OR 1=1 --",
    "zz\" OR \"1\" = \"1",
];

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What is typed is compared and kept, never carried out: nothing is found by it, nothing is lost by it, and it is given
/// back letter by letter.
#[test]
fn what_is_typed_is_never_carried_out() {
    for backend in Backend::ALL {
        let Some(centre) = Centre::start_administered(backend) else {
            continue;
        };
        let (mut ann, mut aud) = (centre.log_in("ann"), centre.log_in("aud"));
        let customer = json!({ "name": "沈立群", "phone": "13900002207" });
        ann.post("/api/customers", &customer).expect(201);
        let case = Centre::open(&mut ann, "路灯不亮");
        let tables = || {
            let count = "SELECT (SELECT COUNT(*) FROM customers) + (SELECT COUNT(*) FROM cases) + (SELECT COUNT(*) FROM people)";
            centre.server.place().number(count)
        };
        let before = tables();
        for attempt in ATTEMPTS {
            let typed = encoded(attempt);
            for path in [
                format!("/api/customers?q={typed}"),
                format!("/api/cases?q={typed}"),
                format!("/api/queue?tab=mine&q={typed}"),
                format!("/api/search?q={typed}"),
                format!("/api/people?q={typed}"),
                format!("/api/outside-bodies?q={typed}"),
            ] {
                let answer = ann.get(&path);
                assert!(answer.status < 500, "{path}: {}", answer.text);
                // One's own queue is not searched in, and people are found by who they are.
                let found = answer.status == 200
                    && !path.starts_with("/api/people")
                    && !path.starts_with("/api/queue");
                assert!(
                    !found || !answer.text.contains("沈立群") && !answer.text.contains("路灯"),
                    "{path}: {}",
                    answer.text
                );
            }
            for path in [
                format!("/api/cases?after={typed}"),
                format!("/api/customers?after={typed}"),
                format!("/api/cases/{typed}"),
                format!("/api/customers/{typed}"),
                format!("/api/packs/{typed}"),
                format!("/api/preferences/{typed}"),
            ] {
                let answer = ann.get(&path);
                assert!(
                    (400..500).contains(&answer.status),
                    "{path}: {} {}",
                    answer.status,
                    answer.text
                );
            }
            let answer = aud.get(&format!("/api/audit?name={typed}&record={typed}"));
            assert!(answer.status < 500, "{}", answer.text);
            let login = json!({ "login": attempt, "password": attempt });
            let refused = centre.server.client().post("/api/session", &login).status;
            assert!(matches!(refused, 401 | 429), "{attempt}: {refused}");
        }
        assert_eq!(tables(), before, "{backend:?}");
        // As a name it is a name.
        for (no, attempt) in ATTEMPTS.iter().enumerate() {
            let made =
                json!({ "name": attempt, "phone": format!("1390000330{no}"), "about": { "notes": attempt } });
            let made: Value = ann.post("/api/customers", &made).expect(201).json();
            let kept = ann
                .get(&format!("/api/customers/{}", made["id"].as_str().unwrap()))
                .expect(200)
                .json();
            assert_eq!(
                (&kept["name"], &kept["notes"]),
                (&json!(attempt), &json!(attempt))
            );
        }
        ann.get(&format!("/api/cases/{case}")).expect(200);
        verified(&centre.server.stop().0);
    }
}
