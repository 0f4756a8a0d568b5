//! Customers who are told by mail, over real SMTP; and nothing of it left once they are erased.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use system_tests::{Backend, Centre, Client, PASSWORD, Relay, Server, Starter, project, verified};

const PATIENCE: Duration = Duration::from_secs(60);

/// The public hotline's regulation, whose customers are told of the answer by mail.
fn telling(place: &Starter) {
    let (from, to) = (project().join("packs/hotline"), place.folder().join("hotline"));
    std::fs::create_dir(&to).unwrap();
    for file in std::fs::read_dir(from).unwrap().flatten() {
        if file.path().is_file() {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    let message = std::fs::read_to_string(to.join("message.yaml")).unwrap();
    let told = message.replace("customer: no\n", "").replace(
        "    to: answered\n",
        "    to: answered\n    tell: { who: customer, message: answered, channel: mail }\n",
    );
    assert!(told.contains("message: answered"));
    std::fs::write(to.join("message.yaml"), told).unwrap();
    let text = "message: answered\ntitle: { zh: 答复通知, en: Answer }\nclause: A\n\
         text: { zh: \"您的留言已答复：{reply}\", en: \"Your message was answered: {reply}\" }\nparts:\n  \
         reply: { value: input.reply }\n";
    std::fs::write(to.join("answered.yaml"), text).unwrap();
}

/// Opens a message of a customer and answers it; the case.
fn answered(client: &mut Client, customer: &str) -> String {
    let message = json!({ "pack": "hotline", "procedure": "message", "channel": "web", "customer": customer,
        "input": { "subject": "路灯不亮", "detail": "小区南门" } });
    let case = client.post("/api/cases", &message).expect(201);
    let case = case.headers["location"].rsplit('/').next().unwrap().to_owned();
    let reply = json!({ "input": { "reply": "已修好，电话13900002207" } });
    let done = client.post(&format!("/api/cases/{case}/actions/answer"), &reply);
    assert!(done.status < 300, "{} {}", done.status, done.text);
    case
}

/// Waits until the timeline of a case has a line with these words.
fn line(server: &Server, client: &mut Client, case: &str, words: &str) -> String {
    let begun = Instant::now();
    loop {
        let page = client.get(&format!("/api/cases/{case}")).expect(200).json();
        let timeline = page["timeline"].as_array().unwrap();
        let lines = timeline
            .iter()
            .flat_map(|entry| entry["consequences"].as_array().unwrap());
        let found = lines.filter_map(Value::as_str).find(|line| line.contains(words));
        if let Some(found) = found {
            return found.to_owned();
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "{}\n{}",
            page["timeline"],
            server.log()
        );
    }
}

fn told_and_erased(backend: Backend) {
    let Some(mut relay) = Relay::start() else { return };
    let Some(place) = Starter::new(backend) else {
        return;
    };
    Centre::furnish(&place);
    let words = [
        "user",
        "add",
        "sun",
        "--name",
        "孙主管",
        "--function",
        "service_lead@centre",
    ];
    place.run_with(&words, PASSWORD).expect_success();
    telling(&place);
    place
        .run(&["pack", "activate", "hotline", "--unit", "centre"])
        .expect_success();
    let settings = format!("{}[outbox]\nhold_seconds = 0\n", relay.section());
    std::fs::write(place.folder().join("shouwen.toml"), settings).unwrap();
    let server = place.start();
    let (mut ann, mut sun) = (server.log_in("ann", PASSWORD), server.log_in("sun", PASSWORD));
    let customer = |client: &mut Client, new: &Value| {
        let made = client.post("/api/customers", new).expect(201).json();
        made["id"].as_str().unwrap().to_owned()
    };
    // A customer with a mail address is told, and the timeline says what became of it, masked
    let reached = json!({ "name": "沈立群", "phone": "13900002207",
        "about": { "numbers": [ { "kind": "email", "number": "shen@example.cn" } ] } });
    let reached = customer(&mut ann, &reached);
    let case = answered(&mut ann, &reached);
    let letter = relay.letter();
    assert_eq!(letter["to"], "shen@example.cn");
    assert!(
        letter["subject"].as_str().unwrap().starts_with("答复通知 LY"),
        "{letter}"
    );
    assert!(
        letter["text"]
            .as_str()
            .unwrap()
            .contains("您的留言已答复：已修好"),
        "{letter}"
    );
    let key = letter["key"].as_str().unwrap();
    assert!(key.starts_with(&format!("c{case}-")), "{key}");
    assert_eq!(letter["id"], format!("<{key}@example.cn>"));
    let said = line(&server, &mut ann, &case, "发出");
    assert!(said.starts_with("邮件（s***@example.cn）已于"), "{said}");
    // One without is not, and the case says that too
    let unreached = customer(&mut ann, &json!({ "name": "周雅萍", "phone": "15500006140" }));
    let other = answered(&mut ann, &unreached);
    line(&server, &mut ann, &other, "无法告知客户：没有可用的邮箱地址");
    // Whoever looks after the outbox sees both, without the address
    ann.get("/api/outbox").expect(403);
    let listed = sun.get("/api/outbox?state=sent").expect(200).json();
    assert_eq!(listed["items"][0]["to_customer"], true, "{listed}");
    assert!(!listed.to_string().contains("shen@"), "{listed}");
    let listed = sun.get("/api/outbox?state=unreachable").expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    // A list with the customer in it is taken away
    let wanted = json!({ "what": "customers", "format": "csv", "reason": "回访名单" });
    let job = sun.post("/api/exports", &wanted).expect(202).json();
    let file = format!("/api/exports/{}/file", job["id"].as_str().unwrap());
    let begun = Instant::now();
    while sun.get(&file).status != 200 {
        assert!(begun.elapsed() < PATIENCE, "{}", server.log());
    }
    // Erased: neither outbox nor file holds them any more, and what is said of the other stays
    let erased = sun
        .post(
            &format!("/api/customers/{reached}/erasure"),
            &json!({ "reason": "本人持身份证申请" }),
        )
        .expect(200)
        .json();
    assert_eq!(erased["done"], true, "{erased}");
    sun.get(&file).expect(404);
    let (place, _) = server.stop();
    for table in [
        "recipient LIKE '%shen%'",
        "body LIKE '%修好%'",
        "subject LIKE '%答复%'",
    ] {
        let left = format!("SELECT COUNT(*) FROM outbox WHERE {table} AND state <> 'unreachable'");
        assert_eq!(place.number(&left), 0, "{table}");
    }
    assert_eq!(place.number("SELECT COUNT(*) FROM job_files"), 0);
    assert_eq!(
        place.number(&format!("SELECT COUNT(*) FROM notices WHERE case_id = {case}")),
        0
    );
    let stays = format!("SELECT COUNT(*) FROM outbox WHERE case_id = {other}");
    assert_eq!(place.number(&stays), 1);
    verified(&place);
}

#[test]
fn gen_11_a_customer_is_told_by_mail_and_erased_on_sqlite() {
    told_and_erased(Backend::Sqlite);
}

#[test]
fn gen_11_a_customer_is_told_by_mail_and_erased_on_postgres() {
    told_and_erased(Backend::Postgres);
}

fn doctor_sees(backend: Backend) {
    let Some(relay) = Relay::start() else { return };
    let Some(place) = Starter::new(backend) else {
        return;
    };
    place
        .run(&["user", "unit", "centre", "客户中心"])
        .expect_success();
    let made = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    let row = |id: i64, state: &str, due: &str| {
        format!(
            "INSERT INTO outbox (id, key, channel, recipient, subject, body, state, attempts, made, due, taken_until) \
             VALUES ({id}, 'n{id}-mail', 'mail', 'p@example.cn', '', '', '{state}', 12, {made}, {due}, 0)"
        )
    };
    let hour_ago = (made - 3_600_000).to_string();
    place.tamper(&[
        &row(1, "dead", "NULL"),
        &row(2, "failed", "NULL"),
        &row(3, "waiting", &hour_ago),
    ]);
    let settings = place.folder().join("shouwen.toml");
    let sms = "[sms]\nurl = \"http://127.0.0.1:1/sms\"\nsignature = \"首问客服\"\nsecret = \"s\"\nbody = \"{}\"\n\
         [sms.sign]\nplacement = \"header\"\nname = \"X-Sign\"\ncanonical = \"${body}\"\n\
         [sms.taken]\npointer = \"/code\"\nis = \"0\"\n[outbound]\nallow_hosts = [\"127.0.0.1:1\"]\n";
    std::fs::write(&settings, format!("{}{sms}", relay.section())).unwrap();
    let found = place.run(&["doctor", "--json"]).stdout;
    for words in [
        "1 messages were given up (dead letters), 1 were refused",
        "1 messages wait past their time, the oldest for 60 minutes",
        "the gateway [mail] can be reached",
        "the gateway [sms] can NOT be reached: no connection",
        "the certificate trusted for [mail] ends in",
    ] {
        assert!(found.contains(words), "{words}\n{found}");
    }
    // A wrong password is seen, and not shown; what is held is said with its reason
    let wrong = relay.section().replace("open sesame", "shut sesame");
    std::fs::write(&settings, wrong).unwrap();
    place
        .run(&["outbox", "hold", "--reason", "演练"])
        .expect_success();
    let found = place.run(&["doctor", "--json"]).stdout;
    for words in [
        "sending is held: 演练",
        "the gateway [mail] can NOT be reached: the relay refused the log-in",
    ] {
        assert!(found.contains(words), "{words}\n{found}");
    }
    assert!(!found.contains("sesame"), "{found}");
}

#[test]
fn the_doctor_sees_dead_letters_late_messages_and_gateways_on_sqlite() {
    doctor_sees(Backend::Sqlite);
}

#[test]
fn the_doctor_sees_dead_letters_late_messages_and_gateways_on_postgres() {
    doctor_sees(Backend::Postgres);
}
