//! Customers who are told by an act: into the outbox in the event's own transaction, out by the gateway, back as a line in the
//! timeline.

use super::*;
use crate::cases::timeline::Entry;
use crate::http::Language;

/// The hotline's regulation with customers who are told: of the answer by a short message, of the work on it by whichever
/// way reaches them.
fn telling() -> Files {
    let mut files = built_in("hotline").unwrap();
    let message = files.get("message.yaml").unwrap();
    let told = message
        .replace("customer: no\n", "")
        .replace(
            "subject: subject\n",
            "  contact: { title: { zh: 联系电话, en: Contact }, longest: 100, required: no }\nsubject: subject\n",
        )
        .replace(
            "    to: answered\n",
            "    to: answered\n    tell: { who: customer, message: answered, channel: sms, to: contact }\n  \
             begin:\n    title: { zh: 着手办理, en: Begin }\n    clause: A\n    from: received\n    \
             by: [agent, team_leader, service_lead]\n    \
             tell: [ { who: customer, channel: mail, say: { zh: 您的留言已开始办理, en: Your message is being looked into } } ]\n",
        );
    assert!(
        told.contains("message: answered") && told.contains("contact:") && !told.contains("customer: no")
    );
    files.insert("message.yaml", told);
    let text = "message: answered\ntitle: { zh: 答复通知, en: Answer }\nclause: A\nlongest: { zh: 70, en: 160 }\n\
         text: { zh: \"留言{number}已答复：{reply}\", en: \"Message {number} was answered: {reply}\" }\nparts:\n  \
         number: { value: case.number }\n  reply: { value: input.reply, yields: 1, shorten_to: 8 }\n";
    files.insert("answered.yaml", text);
    files
}

const REPLY: &[(&str, &str)] = &[("reply", "路灯已修好")];

impl House {
    async fn open_for(&self, customer: Option<Id>, contact: Option<&str>) -> Id {
        let actor = self.actor("agent");
        let mut input: Vec<(&str, &str)> = vec![("subject", "路灯不亮"), ("detail", "小区南门")];
        input.extend(contact.map(|contact| ("contact", contact)));
        let input = input
            .into_iter()
            .map(|(key, value)| (key.to_owned(), FieldValue::Text(value.to_owned())));
        let order = Order {
            case: None,
            command: Command::Open {
                procedure: "message".into(),
                opened: Opened {
                    channel: "phone".into(),
                    owning_unit: Some(self.east),
                    customer,
                    ..Opened::default()
                },
                input: input.collect(),
            },
            actor: &actor,
            at: None,
            mode: Mode::Live,
            pack: self.centre.surroundings().packs.in_force_anywhere("hotline"),
            idempotency: None,
        };
        self.centre.run(order).await.unwrap().case
    }

    /// A customer with these numbers and addresses.
    async fn customer(&self, numbers: &[(&str, &str)]) -> Id {
        let store = &self.centre.store;
        let id = store.new_id();
        let put = "INSERT INTO customer_numbers (customer, no, kind, number, extension, label) VALUES ($1, $2, $3, $4, '', '')";
        for (no, (kind, number)) in (1_i64..).zip(numbers) {
            let params: [Value; 4] = [id.into(), no.into(), (*kind).into(), (*number).into()];
            store.execute(put, &params).await.unwrap();
        }
        Id(id)
    }

    /// Messages to the customer of a case: key, channel, recipient, state, body.
    async fn outward(&self, case: Id) -> Vec<[String; 5]> {
        let sql = "SELECT key, channel, recipient, state, body FROM outbox WHERE case_id = $1 AND outward = 1 ORDER BY id";
        let rows = self.centre.store.query(sql, &[case.0.into()]).await.unwrap();
        let texts = rows
            .iter()
            .map(|row| [0, 1, 2, 3, 4].map(|at| row.text(at).unwrap().to_owned()));
        texts.collect()
    }

    /// What the timeline says of the last event of a case.
    async fn last_line(&self, case: Id, language: Language) -> Vec<String> {
        let (_, head) = self.centre.case(case).await.unwrap();
        let mut timeline = [Entry {
            seq: head.seq,
            at: String::new(),
            recorded_at: String::new(),
            actor: None,
            kind: "acted".into(),
            action: None,
            sentence: String::new(),
            words: Vec::new(),
            consequences: Vec::new(),
            clause: None,
        }];
        let (store, calendar) = (&self.centre.store, calendar::Calendar::default());
        told(store, case, language, &calendar, &mut timeline)
            .await
            .unwrap();
        let [entry] = timeline;
        entry.consequences
    }
}

/// A gateway that knows the approved text for customers.
fn gateway(receiver: &Receiver) -> String {
    SMS.replace("ADDRESS", &receiver.address.to_string())
        .replace("[sms.templates.late]", "[sms.messages]\nanswered = \"free\"\n[sms.templates.free]\nid = \"SMS_9\"\ntext = \"${text}\"\n[sms.templates.late]")
}

both!(
    a_customer_is_told_by_sms_once_and_the_receipt_stands_in_the_timeline,
    |place| {
        let house = house_under(place, &telling()).await;
        let receiver = Receiver::start().await;
        let text = gateway(&receiver);
        let settings: channels::Settings = toml::from_str(&text).unwrap();
        assert!(house.centre.set_routes(Routes::of(&settings, 10_000).unwrap()));
        let customer = house
            .customer(&[("email", "wang@example.cn"), ("phone", "13900002207")])
            .await;
        let case = house.open_for(Some(customer), None).await;
        house.act(case, "agent", "answer", REPLY).await;
        // In the event's own transaction, held while it can be undone, under a key of event and message.
        let laid = house.outward(case).await;
        let (_, head) = house.centre.case(case).await.unwrap();
        assert_eq!(laid.len(), 1, "{laid:?}");
        let [key, channel, recipient, state, _] = &laid[0];
        assert!(key.starts_with(&format!("c{case}-{}-", head.seq)), "{key}");
        assert_eq!([channel, recipient, state], ["sms", "13900002207", "waiting"]);
        let running = running(&receiver, &text);
        assert_eq!(send(&house, &running).await, 0);
        assert_eq!(
            house.last_line(case, Language::Chinese).await,
            ["短信（139****2207）等待发送"]
        );
        house.hasten().await;
        assert_eq!(send(&house, &running).await, 1);
        assert_eq!(send(&house, &running).await, 0);
        let heard = receiver.heard();
        assert_eq!(heard.len(), 1);
        let body: Json = serde_json::from_str(&heard[0].body).unwrap();
        assert_eq!(
            (&body["mobile"], &body["tpl"], &body["key"]),
            (&json!("13900002207"), &json!("SMS_9"), &json!(key))
        );
        let said = body["vars"]["text"].as_str().unwrap();
        assert!(
            said.contains("路灯已修好") && said.chars().count() <= 70,
            "{said}"
        );
        let line = house.last_line(case, Language::English).await;
        assert!(line[0].starts_with("SMS (139****2207): sent "), "{line:?}");
        let settle = "UPDATE outbox SET state = 'delivered' WHERE outward = 1";
        house.centre.store.execute(settle, &[]).await.unwrap();
        assert_eq!(
            house.last_line(case, Language::Chinese).await,
            ["短信（139****2207）已送达"]
        );
    }
);

both!(what_the_case_names_is_used_before_the_record, |place| {
    let house = house_under(place, &telling()).await;
    let customer = house.customer(&[("phone", "13900002207")]).await;
    let case = house.open_for(Some(customer), Some("138 0000 0001")).await;
    house.act(case, "agent", "answer", REPLY).await;
    assert_eq!(house.outward(case).await[0][2], "13800000001");
    // Somebody whom nobody knows, but whose number stands in the case.
    let case = house.open_for(None, Some("13800000002")).await;
    house.act(case, "agent", "answer", REPLY).await;
    assert_eq!(house.outward(case).await[0][2], "13800000002");
});

both!(
    a_customer_without_an_address_of_the_kind_is_told_nothing_and_the_case_says_so,
    |place| {
        let house = house_under(place, &telling()).await;
        let receiver = Receiver::start().await;
        let customer = house.customer(&[("phone", "057188810000")]).await;
        let case = house.open_for(Some(customer), None).await;
        house.act(case, "agent", "begin", &[]).await;
        let laid = house.outward(case).await;
        assert_eq!(
            [&laid[0][1], &laid[0][2], &laid[0][3], &laid[0][4]],
            ["mail", "", "unreachable", ""]
        );
        let line = house.last_line(case, Language::Chinese).await;
        assert_eq!(line, ["邮件无法告知客户：没有可用的邮箱地址"]);
        house.act(case, "agent", "answer", REPLY).await;
        let line = house.last_line(case, Language::English).await;
        assert_eq!(
            line,
            ["SMS: the customer could not be told: no mobile number is known"]
        );
        house.hasten().await;
        assert_eq!(send(&house, &running(&receiver, "")).await, 0);
    }
);

both!(
    a_merged_customer_is_told_at_the_number_of_the_record_that_was_kept,
    |place| {
        let house = house_under(place, &telling()).await;
        let store = &house.centre.store;
        let old = house.customer(&[("phone", "13900000001")]).await;
        let between = house.customer(&[("phone", "13900000002")]).await;
        let kept = house.customer(&[("phone", "13900000003")]).await;
        let put = "INSERT INTO customer_profiles (id, kind, merged_into, needs, preferences) VALUES ($1, 'person', $2, '', '')";
        for (id, into) in [(old, Some(between)), (between, Some(kept)), (kept, None)] {
            let params: [Value; 2] = [id.0.into(), into.map(|into| into.0).into()];
            store.execute(put, &params).await.unwrap();
        }
        let case = house.open_for(Some(old), None).await;
        house.act(case, "agent", "answer", REPLY).await;
        assert_eq!(house.outward(case).await[0][2], "13900000003");
    }
);

both!(
    without_a_gateway_or_an_approved_text_a_message_to_a_customer_stays_and_can_be_sent_later,
    |place| {
        let house = house_under(place, &telling()).await;
        let receiver = Receiver::start().await;
        let case = house.open_for(None, Some("13800000001")).await;
        house.act(case, "agent", "answer", REPLY).await;
        house.hasten().await;
        assert_eq!(send(&house, &running(&receiver, "")).await, 1);
        assert_eq!(house.outward(case).await[0][3], "kept");
        assert_eq!(
            house.last_line(case, Language::Chinese).await,
            ["短信（138****0001）未设发送通道，留在发件箱"]
        );
        let again = "UPDATE outbox SET state = 'waiting', due = 0";
        house.centre.store.execute(again, &[]).await.unwrap();
        // A gateway, but no text that was approved for it.
        let bare = SMS.replace("ADDRESS", &receiver.address.to_string());
        assert_eq!(send(&house, &running(&receiver, &bare)).await, 1);
        assert_eq!(house.outward(case).await[0][3], "failed");
        assert_eq!(receiver.heard().len(), 0);
        house.centre.store.execute(again, &[]).await.unwrap();
        assert_eq!(send(&house, &running(&receiver, &gateway(&receiver))).await, 1);
        assert_eq!(house.outward(case).await[0][3], "sent");
    }
);

both!(
    after_its_days_only_what_became_of_a_message_to_a_customer_is_kept,
    |place| {
        let house = house_under(place, &telling()).await;
        let receiver = Receiver::start().await;
        let case = house.open_for(None, Some("13800000001")).await;
        house.act(case, "agent", "answer", REPLY).await;
        let old = "UPDATE outbox SET made = 0, due = NULL, state = 'sent'";
        house.centre.store.execute(old, &[]).await.unwrap();
        let app =
            Arc::new(crate::app::App::new(house.centre.clone(), false).with_messages(running(&receiver, "")));
        let sender = tokio::spawn(run(app.clone()));
        let swept = async {
            while !house
                .outward(case)
                .await
                .iter()
                .all(|[_, _, recipient, _, body]| recipient.is_empty() && body.is_empty())
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), swept)
            .await
            .unwrap();
        assert_eq!(house.outward(case).await[0][3], "sent");
        app.live.stop();
        sender.await.unwrap();
    }
);
