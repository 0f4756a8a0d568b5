//! Customers, contacts and files over HTTP, on both databases (GEN-11, GEN-12, TEL-11).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use serde_json::{Value, json};
use system_tests::{Answer, Backend, Centre, Client, PASSWORD, Server, Starter, verified};

/// The usual centre with a head of service, `sun`, over all of it, and `yu`, who leads at the works.
fn centre(backend: Backend) -> Option<Centre> {
    let place = Starter::new(backend)?;
    Centre::furnish(&place);
    for (login, name, function) in [
        ("sun", "孙主管", "service_lead@centre"),
        ("yu", "于班长", "team_leader@works"),
    ] {
        let words = ["user", "add", login, "--name", name, "--function", function];
        place.run_with(&words, PASSWORD).expect_success();
    }
    Some(Centre {
        server: place.start(),
    })
}

fn patch(client: &mut Client, path: &str, body: &Value) -> Answer {
    client.try_send("PATCH", path, body).unwrap()
}

fn upload(client: &mut Client, path: &str, bytes: &[u8]) -> Answer {
    let headers = [("content-type", "application/octet-stream")];
    client.send("POST", path, &headers, Some(bytes.to_vec())).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A PNG of one point with a text in it.
fn drawing() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], contents: &[u8]| {
        let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
        [&length[..], kind, contents, &[0; 4]].concat()
    };
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]),
        chunk(b"tEXt", b"GPS 30.27,120.15"),
        chunk(b"IDAT", b"x"),
        chunk(b"IEND", b""),
    ]
    .concat()
}

fn stopped(server: Server) {
    let (place, _) = server.stop();
    verified(&place);
}

fn customers(backend: Backend) {
    let Some(centre) = centre(backend) else { return };
    let (mut ann, mut bo, mut wu, mut sun) = (
        centre.log_in("ann"),
        centre.log_in("bo"),
        centre.log_in("wu"),
        centre.log_in("sun"),
    );
    // Given a customer with everything the form asks
    let new = json!({ "name": "沈立群", "phone": "139 0000 2207", "about": {
        "kind": "person", "tags": ["投资户", "微信为主"], "needs": "轮椅通道", "preferences": "微信先问，再打电话",
        "numbers": [ { "number": "0571-88810019", "extension": "19", "label": "单位" }, { "kind": "wechat", "number": "wx_shen88" } ],
        "places": [ { "area": "澄园一期", "building": "9栋", "unit": "2单元", "room": "1102", "label": "自住" } ],
        "services": [ { "kind": "service", "what": "车位B1-118", "at": "2026-01-01T00:00:00+08:00" } ] } });
    let made = ann.post("/api/customers", &new).expect(201).json();
    let id = text(&made["id"]).to_owned();
    let path = format!("/api/customers/{id}");
    // Then its page shows it, numbers masked
    let page = ann.get(&path).expect(200).json();
    let masked: Vec<&str> = page["numbers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["masked"]))
        .collect();
    assert_eq!(masked, ["057*****0019", "wx****88", "139****2207"]);
    assert!(!page.to_string().contains("13900002207"), "{page}");
    assert_eq!(page["places"][0]["line"], "澄园一期9栋2单元1102");
    assert_eq!(page["tags"], json!(["微信为主", "投资户"]));

    // When two change it at once, the later one is told who was faster
    let version = page["version"].clone();
    let change = json!({ "seen": version, "about": { "notes": "先打手机" } });
    let changed = patch(&mut bo, &path, &change).expect(200).json();
    assert_eq!(changed["notes"], "先打手机");
    let late = patch(
        &mut ann,
        &path,
        &json!({ "seen": version, "about": { "notes": "别打" } }),
    )
    .expect(409)
    .json();
    assert_eq!(late["by"]["name"], "柏一舟", "{late}");
    // Numbers that are kept are named by their place
    let keep =
        json!({ "seen": changed["version"], "about": { "numbers": [ { "no": 3, "label": "妻子在用" } ] } });
    let changed = patch(&mut bo, &path, &keep).expect(200).json();
    assert_eq!(changed["numbers"][0]["masked"], "139****2207");
    let faulty =
        json!({ "seen": changed["version"], "about": { "name": "", "numbers": [ { "number": "王" } ] } });
    let told = patch(&mut bo, &path, &faulty).expect(422).json();
    assert_eq!(told["problems"].as_array().unwrap().len(), 2, "{told}");

    // A number in full needs a reason, which is written down and shown to those who may look
    let unmask = format!("{path}/unmask");
    ann.post(&unmask, &json!({ "no": 3, "reason": " " })).expect(422);
    ann.post(&unmask, &json!({ "no": 9, "reason": "联系客户" }))
        .expect(404);
    let shown = ann
        .post(&unmask, &json!({ "no": 3, "reason": "联系客户" }))
        .expect(200)
        .json();
    assert_eq!(shown["value"], "13900002207");
    assert!(shown["hide_at"].is_string());
    let looks = bo.get(&format!("{path}/looks")).expect(200).json();
    assert_eq!(looks["items"].as_array().unwrap().len(), 1, "{looks}");
    assert_eq!(looks["items"][0]["reason"], "联系客户");
    assert!(!looks.to_string().contains("13900002207"));

    // Who reaches neither the desk nor a case of theirs sees nothing, by list, page, act or reference (object level)
    for path in [
        path.clone(),
        format!("{path}/cases"),
        format!("{path}/contacts"),
        format!("{path}/looks"),
    ] {
        wu.get(&path).expect(404);
    }
    wu.post(&unmask, &json!({ "no": 3, "reason": "好奇" }))
        .expect(404);
    patch(&mut wu, &path, &json!({ "seen": 1, "about": {} })).expect(404);
    let listed = |client: &mut Client, q: &str| {
        let found = client.get(&format!("/api/customers?q={q}")).expect(200).json();
        found["items"].as_array().unwrap().len()
    };
    assert_eq!(
        (
            listed(&mut wu, "2207"),
            listed(&mut ann, "2207"),
            listed(&mut sun, "2207")
        ),
        (0, 1, 1)
    );
    let opening = |customer: &str| {
        let mut case = Centre::suggestion("路灯");
        case["customer"] = json!(customer);
        case
    };
    wu.post("/api/cases", &opening(&id)).expect(404);
    let theirs = wu
        .post("/api/customers", &json!({ "name": "外人" }))
        .expect(201)
        .json();
    let relation = json!({ "seen": changed["version"], "about": { "relations": [ { "customer": theirs["id"], "kind": "spouse" } ] } });
    patch(&mut ann, &path, &relation).expect(422);
    // Until a case of theirs comes to the works
    let case = ann.post("/api/cases", &opening(&id)).expect(201);
    let case = case.headers.get("location").map_or_else(
        || text(&case.json()["id"]).to_owned(),
        |at| at.rsplit('/').next().unwrap().to_owned(),
    );
    let cases = ann.get(&format!("{path}/cases")).expect(200).json();
    assert_eq!(cases["items"][0]["id"], json!(case), "{cases}");
    assert!(!ann.get(&path).json()["owed"].as_array().unwrap().is_empty());

    // Relations have another side
    let wife = ann
        .post("/api/customers", &json!({ "name": "周雅萍" }))
        .expect(201)
        .json();
    let relation = json!({ "seen": changed["version"], "about": { "relations": [ { "customer": wife["id"], "kind": "parent" } ] } });
    patch(&mut ann, &path, &relation).expect(200);
    let other = ann
        .get(&format!("/api/customers/{}", text(&wife["id"])))
        .expect(200)
        .json();
    assert_eq!(other["relations"][0]["kind"], "child", "{other}");

    contacts(&mut ann, &mut wu, &id, &case);
    files(&mut ann, &mut bo, &mut wu, &case);
    phone_book(&mut ann, &mut sun);
    stopped(centre.server);
}

fn contacts(ann: &mut Client, wu: &mut Client, customer: &str, case: &str) {
    // A call that brings two matters is one contact with two cases (TEL-11)
    let second = Centre::open(ann, "楼道灯");
    let call = json!({ "channel": "phone", "customer": customer, "number": "13900002207", "summary": "两件事",
        "answer": "已登记", "cases": [case, second] });
    let call = ann.post("/api/contacts", &call).expect(201).json();
    assert_eq!(call["cases"].as_array().unwrap().len(), 2, "{call}");
    assert_eq!(call["number"], "139****2207");
    // And one case has several contacts
    let again = json!({ "channel": "walk_in", "summary": "来催", "cases": [] });
    let again = ann.post("/api/contacts", &again).expect(201).json();
    let path = format!("/api/contacts/{}", text(&again["id"]));
    let linked = patch(ann, &path, &json!({ "customer": customer, "link": [case] }))
        .expect(200)
        .json();
    assert_eq!(linked["customer_name"], "沈立群");
    let of_case = ann.get(&format!("/api/cases/{case}/contacts")).expect(200).json();
    assert_eq!(of_case.as_array().unwrap().len(), 2, "{of_case}");
    let told = ann.get(&format!("/api/cases/{case}")).expect(200).json();
    let told = told["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["kind"] == "contact")
        .count();
    assert_eq!(told, 2);
    let theirs = ann
        .get(&format!("/api/customers/{customer}/contacts"))
        .expect(200)
        .json();
    assert_eq!(theirs["items"].as_array().unwrap().len(), 2);
    patch(ann, &path, &json!({ "unlink": [case] })).expect(200);
    // Nobody links what they do not see
    wu.get(&path).expect(404);
    patch(wu, &path, &json!({ "summary": "x" })).expect(404);
    wu.post(
        "/api/contacts",
        &json!({ "channel": "phone", "summary": "x", "cases": [case] }),
    )
    .expect(404);
    assert_eq!(
        wu.get("/api/contacts").expect(200).json()["items"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    ann.post("/api/contacts", &json!({ "channel": "pigeon", "summary": "x" }))
        .expect(400);
}

fn files(ann: &mut Client, bo: &mut Client, wu: &mut Client, case: &str) {
    let at = |name: &str| format!("/api/cases/{case}/files?name={name}");
    // A picture loses its metadata and may be shown
    let kept = upload(ann, &at("a.png"), &drawing()).expect(201).json();
    let path = format!("/api/files/{}", text(&kept["id"]));
    let shown = bo.get(&path).expect(200);
    assert_eq!(shown.headers["content-type"], "image/png");
    assert!(shown.headers["content-disposition"].starts_with("inline"));
    assert!(shown.headers["content-security-policy"].contains("sandbox"));
    assert_eq!(shown.headers["x-content-type-options"], "nosniff");
    assert!(!shown.text.contains("GPS"));
    // Everything else is offered for saving
    let letter = upload(
        ann,
        &at("%E4%BF%A1.txt"),
        "<script>alert(1)</script> 你好".as_bytes(),
    );
    let letter = if letter.status == 201 {
        letter.json()
    } else {
        upload(ann, &at("%E4%BF%A1.txt"), "你好".as_bytes())
            .expect(201)
            .json()
    };
    let saved = ann
        .get(&format!("/api/files/{}", text(&letter["id"])))
        .expect(200);
    assert!(saved.headers["content-disposition"].starts_with("attachment"));
    assert_eq!(letter["name"], "信.txt");
    // Its case decides who has it
    wu.get(&path).expect(404);
    wu.delete(&path).expect(404);
    upload(wu, &at("a.png"), &drawing()).expect(404);
    bo.delete(&path).expect(403);
    ann.delete(&path).expect(204);
    ann.get(&path).expect(404);
    // What belongs nowhere yet is one's own
    let own = upload(ann, "/api/files?name=b.png", &drawing())
        .expect(201)
        .json();
    let own = format!("/api/files/{}", text(&own["id"]));
    ann.get(&own).expect(200);
    bo.get(&own).expect(404);
}

fn phone_book(ann: &mut Client, sun: &mut Client) {
    let body = json!({ "kind": "water", "name": "供水热线", "number": "0100-96116", "area": "全市" });
    ann.post("/api/outside-bodies", &body).expect(403);
    let made = sun.post("/api/outside-bodies", &body).expect(201).json();
    sun.post(
        "/api/outside-bodies",
        &json!({ "kind": "water", "name": "x", "number": "水" }),
    )
    .expect(422);
    let listed = ann.get("/api/outside-bodies?kind=water").expect(200).json();
    assert_eq!(listed[0]["number"], "0100-96116", "{listed}");
    let path = format!("/api/outside-bodies/{}", text(&made["id"]));
    let changed = json!({ "kind": "water", "name": "供水热线", "number": "0100-96117" });
    sun.put(&path, &changed).expect(200);
    sun.delete(&path).expect(204);
    sun.delete(&path).expect(404);
    assert_eq!(ann.get("/api/outside-bodies?kind=water").json(), json!([]));
}

/// Opens a case for a customer and gives its id.
fn case_of(client: &mut Client, customer: &str, matter: &str) -> String {
    let mut case = Centre::suggestion(matter);
    case["customer"] = json!(customer);
    let answer = client.post("/api/cases", &case).expect(201);
    let own = answer
        .headers
        .get("location")
        .map(|at| at.rsplit('/').next().unwrap().to_owned());
    own.unwrap_or_else(|| text(&answer.json()["id"]).to_owned())
}

/// Act on a case.
fn act(client: &mut Client, case: &str, action: &str, input: &Value) -> Answer {
    client.post(
        &format!("/api/cases/{case}/actions/{action}"),
        &json!({ "input": input }),
    )
}

fn merging(backend: Backend) {
    let Some(centre) = centre(backend) else { return };
    let (mut ann, mut lena, mut yu) = (centre.log_in("ann"), centre.log_in("lena"), centre.log_in("yu"));
    let make = |client: &mut Client, name: &str, phone: &str, premises: &str| {
        let new = json!({ "name": name, "phone": phone, "premises": premises });
        text(&client.post("/api/customers", &new).expect(201).json()["id"]).to_owned()
    };
    // Given two records of one person, one of another, and a case of each
    let kept = make(&mut ann, "沈立群", "13900002207", "澄园一期9栋2单元1102");
    let other = make(&mut ann, "沈先生", "13900002207", "澄园一期9栋");
    let stranger = make(&mut ann, "周雅萍", "15500006140", "湖畔3栋");
    let (first, second) = (
        case_of(&mut ann, &kept, "停车"),
        case_of(&mut ann, &other, "外墙渗水"),
    );
    // Then they are found, and nobody else
    let alike = ann
        .get(&format!("/api/customers/{kept}/alike"))
        .expect(200)
        .json();
    assert_eq!(alike.as_array().unwrap().len(), 1, "{alike}");
    assert_eq!(alike[0]["customer"]["id"], json!(other));
    assert!(!alike.to_string().contains("13900002207"));

    // Who may merge does, with a choice per field; a record changed since it was seen is not merged
    let path = format!("/api/customers/{kept}/merge");
    let merge = |seen: i64| {
        json!({ "other": other, "seen": seen, "other_seen": 1, "reason": "同一号码，本人确认",
            "choices": { "name": "kept", "places": "kept" } })
    };
    ann.post(&path, &merge(1)).expect(403);
    yu.post(&path, &merge(1)).expect(404);
    let note = json!({ "seen": 1, "about": { "notes": "来过电话" } });
    patch(&mut ann, &format!("/api/customers/{kept}"), &note).expect(200);
    lena.post(&path, &merge(1)).expect(409);
    let merged = lena.post(&path, &merge(2)).expect(200).json();
    assert_eq!(
        (&merged["followed"], &merged["left_behind"]),
        (&json!(1), &json!([])),
        "{merged}"
    );
    assert_eq!(merged["customer"]["places"].as_array().unwrap().len(), 1);
    assert_eq!(merged["customer"]["merged"], json!([other]));
    // The cases follow, each with an event of its own, and the old id leads to the kept record
    let cases = ann
        .get(&format!("/api/customers/{kept}/cases"))
        .expect(200)
        .json();
    assert_eq!(cases["items"].as_array().unwrap().len(), 2, "{cases}");
    let page = ann.get(&format!("/api/cases/{second}")).expect(200).json();
    assert_eq!(page["customer"], json!(kept));
    assert_eq!(page["timeline"][0]["kind"], "customer_merged");
    let old = ann.get(&format!("/api/customers/{other}")).expect(200).json();
    assert_eq!((&old["id"], &old["was"]), (&json!(kept), &json!(other)));
    let listed = ann.get("/api/customers?q=2207").expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    // The same once more does nothing twice
    assert_eq!(lena.post(&path, &merge(3)).expect(200).json()["followed"], 0);

    // Undone: both are as before, the case goes back, and they are not offered again
    let part = json!({ "other": other, "reason": "父子二人同用一个号码" });
    ann.post(&format!("/api/customers/{kept}/part"), &part)
        .expect(403);
    let parted = lena
        .post(&format!("/api/customers/{kept}/part"), &part)
        .expect(200)
        .json();
    assert_eq!(
        (&parted["followed"], &parted["as_before"]),
        (&json!(1), &json!(true)),
        "{parted}"
    );
    assert_eq!(
        ann.get(&format!("/api/cases/{second}")).json()["customer"],
        json!(other)
    );
    assert_eq!(
        ann.get(&format!("/api/cases/{first}")).json()["customer"],
        json!(kept)
    );
    let old = ann.get(&format!("/api/customers/{other}")).expect(200).json();
    assert_eq!((&old["name"], &old["was"]), (&json!("沈先生"), &Value::Null));
    assert_eq!(ann.get(&format!("/api/customers/{kept}/alike")).json(), json!([]));
    // Nothing merges with itself
    let own = json!({ "other": stranger, "seen": 1, "other_seen": 1, "reason": "试一试" });
    lena.post(&format!("/api/customers/{stranger}/merge"), &own)
        .expect(409);
    stopped(centre.server);
}

fn marks_and_data(backend: Backend) {
    let Some(centre) = centre(backend) else { return };
    let (mut ann, mut sun) = (centre.log_in("ann"), centre.log_in("sun"));
    let new = json!({ "name": "沈立群", "phone": "13900002207" });
    let customer = text(&ann.post("/api/customers", &new).expect(201).json()["id"]).to_owned();
    let path = format!("/api/customers/{customer}");
    let marks = |client: &mut Client| client.get(&path).expect(200).json()["marks"].clone();

    // No mark without the head's confirmation (GEN-12)
    let report = json!({ "pack": "general", "procedure": "difficult_customer", "channel": "internal",
        "input": { "matter": "一天内辱骂坐席2次", "about_customer": customer } });
    let report = ann.post("/api/cases", &report).expect(201);
    let report = report.headers.get("location").map_or_else(
        || text(&report.json()["id"]).to_owned(),
        |at| at.rsplit('/').next().unwrap().to_owned(),
    );
    let filed = json!({ "result": "已备案" });
    let refused = act(&mut ann, &report, "file", &filed);
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(marks(&mut ann), json!([]));
    patch(
        &mut ann,
        &path,
        &json!({ "seen": 1, "about": { "marks": ["difficult"] } }),
    )
    .expect(400);
    let approval = ann.get(&format!("/api/cases/{report}")).json()["approvals"][0]["no"].clone();
    let sign = format!("/api/cases/{report}/approvals/{approval}");
    let signed = sun.post(&sign, &json!({ "agree": true }));
    assert!(signed.status < 300, "{} {}", signed.status, signed.text);
    let done = act(&mut ann, &report, "file", &filed);
    assert!(done.status < 300, "{} {}", done.status, done.text);
    assert_eq!(marks(&mut ann)[0]["mark"], "difficult");
    // It stands on the customer's cases too
    let case = case_of(&mut ann, &customer, "再来一件");
    let card = ann.get(&format!("/api/cases/{case}")).expect(200).json()["customer_card"].clone();
    assert_eq!(card["marks"], json!(["difficult"]), "{card}");
    let lifted = act(
        &mut sun,
        &report,
        "lift_mark",
        &json!({ "lifting_reason": "半年无事" }),
    );
    assert!(lifted.status < 300, "{} {}", lifted.status, lifted.text);
    assert_eq!(marks(&mut ann), json!([]));

    // A person's data: shown to who may, with a reason, in full
    let wanted = json!({ "reason": "本人持身份证申请" });
    ann.post(&format!("{path}/data"), &wanted).expect(403);
    sun.post(&format!("{path}/data"), &json!({ "reason": "" }))
        .expect(422);
    let call =
        json!({ "channel": "phone", "customer": customer, "number": "13900002207", "summary": "问停水" });
    let contact = text(&ann.post("/api/contacts", &call).expect(201).json()["id"]).to_owned();
    let picture = upload(
        &mut ann,
        &format!("/api/contacts/{contact}/files?name=a.png"),
        &drawing(),
    );
    let picture = text(&picture.expect(201).json()["id"]).to_owned();
    let given = sun.post(&format!("{path}/data"), &wanted).expect(200).json();
    assert_eq!(
        given["data"]["records"][0]["numbers"],
        json!(["13900002207"]),
        "{given}"
    );
    assert!(text(&given["text"]).contains("问停水"), "{given}");
    // Erased only once nothing is open
    let erasure = format!("{path}/erasure");
    ann.post(&erasure, &wanted).expect(403);
    let told = sun
        .post(&erasure, &json!({ "reason": "本人申请", "dry_run": true }))
        .expect(200)
        .json();
    assert_eq!(told["refused"].as_array().unwrap().len(), 1, "{told}");
    sun.post(&erasure, &wanted).expect(409);
    let void = act(&mut sun, &case, "void_case", &json!({ "void_reason": "误登记" }));
    assert!(void.status < 300, "{} {}", void.status, void.text);
    let done = sun.post(&erasure, &wanted).expect(200).json();
    assert_eq!(done["done"], true, "{done}");
    assert_eq!(
        (&done["contacts"], &done["files"]),
        (&json!(1), &json!(1)),
        "{done}"
    );
    for path in [
        path.clone(),
        format!("/api/contacts/{contact}"),
        format!("/api/files/{picture}"),
    ] {
        sun.get(&path).expect(404);
    }
    assert_eq!(sun.get("/api/customers?q=2207").json()["items"], json!([]));
    // No payload holds the number any more, and the history still proves itself
    let (place, _) = centre.server.stop();
    let left = "SELECT COUNT(*) FROM events WHERE record = ";
    assert!(place.number(&format!("{left}{customer}")) > 0);
    assert_eq!(
        place.number(&format!("{left}{customer} AND payload IS NOT NULL")),
        0
    );
    let verified = verified(&place);
    assert!(
        !verified["history"]["erased"]
            .as_array()
            .map_or(verified["erased"] == json!([]), Vec::is_empty),
        "{verified}"
    );
}

#[test]
fn gen_12_two_records_become_one_and_are_parted_again_on_sqlite() {
    merging(Backend::Sqlite);
}

#[test]
fn gen_12_two_records_become_one_and_are_parted_again_on_postgres() {
    merging(Backend::Postgres);
}

#[test]
fn gen_12_a_mark_needs_confirmation_and_gen_11_a_person_is_erased_on_sqlite() {
    marks_and_data(Backend::Sqlite);
}

#[test]
fn gen_12_a_mark_needs_confirmation_and_gen_11_a_person_is_erased_on_postgres() {
    marks_and_data(Backend::Postgres);
}

#[test]
fn gen_12_customers_contacts_and_files_on_sqlite() {
    customers(Backend::Sqlite);
}

#[test]
fn gen_12_customers_contacts_and_files_on_postgres() {
    customers(Backend::Postgres);
}
