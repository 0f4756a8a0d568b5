//! Search over HTTP on both databases: what was acknowledged is found, and nobody finds what they may not see.
#![allow(clippy::unwrap_used, reason = "a test may end where it fails")]

use serde_json::{Value, json};
use system_tests::{Backend, Centre, Client, Server, Starter};

const BACKENDS: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

#[track_caller]
fn search(client: &mut Client, query: &str) -> Value {
    client.get(&format!("/api/search?{query}")).expect(200).json()
}

fn ids(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap();
    items
        .iter()
        .map(|hit| hit["id"].as_str().unwrap().to_owned())
        .collect()
}

// Characters are sent as they are typed into an address: percent-encoded.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn qlt_5_what_was_acknowledged_is_found_at_once_and_only_by_who_may_see_it() {
    for backend in BACKENDS {
        let Some(centre) = Centre::start(backend) else {
            continue;
        };
        let (mut ann, mut wu) = (centre.log_in("ann"), centre.log_in("wu"));
        for no in 1..=30 {
            let id = Centre::open(&mut ann, &format!("第{no}件：3栋{no}单元電梯壞了"));
            let found = search(&mut ann, &format!("q={}&order=time", encoded("电梯")));
            assert_eq!(found["total"], no, "{backend:?}");
            assert!(ids(&found).contains(&id));
            let one = search(&mut ann, &format!("q={}", encoded(&format!("3栋{no}单元"))));
            assert_eq!((one["total"].as_u64(), ids(&one)), (Some(1), vec![id]));
        }
        // The works see none of the desk's: no hit, no count.
        let hidden = search(&mut wu, &format!("q={}", encoded("电梯")));
        assert_eq!((hidden["total"].as_u64(), ids(&hidden).len()), (Some(0), 0));
        // What matched is marked.
        let found = search(&mut ann, &format!("q={}&limit=1", encoded("电梯")));
        let title = &found["items"][0]["title"];
        let marks = title["ranges"].as_array().unwrap();
        let letters: Vec<char> = title["text"].as_str().unwrap().chars().collect();
        let (from, to) = (
            marks[0][0].as_u64().unwrap() as usize,
            marks[0][1].as_u64().unwrap() as usize,
        );
        assert_eq!(letters[from..to].iter().collect::<String>(), "電梯");
        // Page by page, each once.
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = search(&mut ann, &format!("q={}&limit=7{after}", encoded("电梯")));
            all.extend(ids(&page));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let once: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!((all.len(), once.len()), (30, 30));
        let ended = search(&mut ann, &format!("q={}&open=false", encoded("电梯")));
        assert_eq!(ended["total"], 0);
        ann.get("/api/search?q=%3F%3F").expect(400);
        ann.get("/api/search?q=a&position=999999999").expect(400);
        ann.get("/api/search?q=a&unknown=1").expect(400);
    }
}

#[test]
fn qlt_5_nothing_is_missing_after_a_kill_and_after_a_rebuild() {
    let Some(centre) = Centre::start(Backend::Sqlite) else {
        return;
    };
    let mut ann = centre.log_in("ann");
    for no in 0..20 {
        Centre::open(&mut ann, &format!("地下车库积水{no}"));
    }
    let query = format!("q={}", encoded("积水"));
    let server = centre.server.kill_and_restart();
    let mut ann = server.log_in("ann", system_tests::PASSWORD);
    assert_eq!(search(&mut ann, &query)["total"], 20);
    Centre::open(&mut ann, "积水又来了");
    let (place, _) = server.stop();
    let rebuilt = place.json(&["search", "rebuild"]);
    assert!(rebuilt["records"].as_u64().unwrap() >= 21, "{rebuilt}");
    let server = place.start();
    let mut ann = server.log_in("ann", system_tests::PASSWORD);
    assert_eq!(search(&mut ann, &query)["total"], 21);
}

#[test]
fn qlt_5_a_search_on_another_node_is_not_behind() {
    let Some(place) = Starter::new(Backend::Postgres) else {
        return;
    };
    Centre::furnish(&place);
    let second: Server = place.beside().start();
    let first = place.start();
    let mut ann = first.log_in("ann", system_tests::PASSWORD);
    let mut bo = second.log_in("bo", system_tests::PASSWORD);
    for no in 1..=20 {
        Centre::open(&mut ann, &format!("路灯不亮{no}"));
        assert_eq!(search(&mut bo, &format!("q={}", encoded("路灯")))["total"], no);
    }
}

#[test]
fn gen_11_ends_of_numbers_are_found_only_by_right_and_written_down() {
    for backend in BACKENDS {
        let Some(centre) = Centre::start(backend) else {
            continue;
        };
        let mut ann = centre.log_in("ann");
        let customer = ann
            .post(
                "/api/customers",
                &json!({ "name": "王小明", "phone": "13800136021", "premises": "3栋2单元1201" }),
            )
            .expect(201)
            .json();
        let id = customer["id"].as_str().unwrap();
        for query in [
            "q=wxm",
            "q=wangxiaoming",
            "q=xiaoming",
            "phone=6021",
            "phone=136021",
            "phone=13800136021",
        ] {
            let found = search(&mut ann, query);
            assert_eq!(ids(&found), [id], "{query}: {found}");
            assert!(!found.to_string().contains("13800136021"), "{found}");
        }
        // A number is no word: nobody finds it by the way.
        assert_eq!(search(&mut ann, "q=13800136021")["total"], 0);
        assert_eq!(search(&mut ann, "q=6021")["total"], 0);
        ann.get("/api/search?phone=602").expect(400);
        let (place, _) = centre.server.stop();
        let logged = "SELECT COUNT(*) FROM access_log WHERE deed = 'searched_number' AND person IS NOT NULL";
        assert_eq!(place.number(logged), 3);
    }
}
