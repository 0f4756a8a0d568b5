//! Quiet hours and the cap of short messages, by a clock that is handed over.

use calendar::Calendar;

use super::attempt::{Message, attempt};
use super::*;

fn at(text: &str) -> i64 {
    Moment::parse_rfc3339(text).unwrap().as_millis()
}

fn gateway(receiver: &Receiver, more: &str) -> Running {
    let sms = SMS.replace("ADDRESS", &receiver.address.to_string());
    let sms = sms.replace("most_per_day = 3\nmost_per_month = 100\n", more);
    assert!(sms.contains(more));
    running(receiver, &sms)
}

fn message(no: i64) -> Message {
    let params = json!({ "number": "LY-1", "text": "“答复”已超时", "kind": "超时" });
    Message {
        id: no,
        key: format!("n{no}-sms"),
        channel: "sms".into(),
        recipient: "13800138000".into(),
        subject: String::new(),
        body: json!({ "template": "late", "params": params }).to_string(),
        attempts: 0,
        taken_until: 0,
    }
}

/// When the message is due again after an attempt at this time, with the reason; nothing where it left.
async fn put_off(house: &House, running: &Running, no: i64, time: &str) -> Option<(i64, Option<String>)> {
    let (store, calendar) = (&house.centre.store, Calendar::default());
    let gateways = running.gateways.as_ref().unwrap();
    let message = message(no);
    let tried = attempt(store, &calendar, running, gateways, &message, at(time)).await;
    match tried.unwrap() {
        (Outcome::PutOff { until, why }, None) => Some((until, why)),
        (Outcome::Tried(Ok(_)), Some(1)) => None,
        other => panic!("{other:?}"),
    }
}

both!(sms_wait_for_the_end_of_the_quiet_hours, |place| {
    let house = house(place).await;
    let receiver = Receiver::start().await;
    let running = gateway(&receiver, "quiet = \"21:00-08:00\"\n");
    let morning = at("2026-03-03T08:00:00+08:00");
    for quiet in [
        "2026-03-02T21:00:00+08:00",
        "2026-03-02T23:30:00+08:00",
        "2026-03-03T07:59:59+08:00",
    ] {
        assert_eq!(
            put_off(&house, &running, 1, quiet).await,
            Some((morning, None)),
            "{quiet}"
        );
    }
    assert_eq!(receiver.heard().len(), 0);
    assert_eq!(
        put_off(&house, &running, 1, "2026-03-03T08:00:00+08:00").await,
        None
    );
    assert_eq!(
        put_off(&house, &running, 2, "2026-03-02T20:59:59+08:00").await,
        None
    );
    assert_eq!(receiver.heard().len(), 2);
});

both!(
    the_cap_holds_sms_until_the_next_day_and_month_and_says_so,
    |place| {
        let house = house(place).await;
        let receiver = Receiver::start().await;
        let running = gateway(&receiver, "most_per_day = 2\nmost_per_month = 3\n");
        let day = |text: &str| Some((at(text), Some("the cap of the day is reached".to_owned())));
        let month = |text: &str| Some((at(text), Some("the cap of the month is reached".to_owned())));
        for no in 0..2 {
            assert_eq!(
                put_off(&house, &running, no, "2026-02-27T10:00:00+08:00").await,
                None
            );
        }
        let held = put_off(&house, &running, 2, "2026-02-27T23:59:59+08:00").await;
        assert_eq!(held, day("2026-02-28T00:00:00+08:00"));
        assert_eq!(
            put_off(&house, &running, 2, "2026-02-28T00:00:00+08:00").await,
            None
        );
        // Three are the month's; what the day would still allow waits for March, and takes nothing of the day.
        let held = put_off(&house, &running, 3, "2026-02-28T10:00:00+08:00").await;
        assert_eq!(held, month("2026-03-01T00:00:00+08:00"));
        assert_eq!(
            house
                .count("SELECT used FROM message_usage WHERE period = 'sms 2026-02-28'")
                .await,
            1
        );
        assert_eq!(receiver.heard().len(), 3);
        assert_eq!(
            put_off(&house, &running, 3, "2026-03-01T00:00:00+08:00").await,
            None
        );
    }
);
