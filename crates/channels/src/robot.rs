//! Robots in group chats: 企业微信, 钉钉 and 飞书, each with its own shape, signature and answer.
//!
//! What they bear is documented by their makers and kept in [`Kind::least_pause`]: 企业微信 and 钉钉 take 20 messages a
//! minute, 飞书 takes 100. Whoever sends more is silenced for a while, so the outbox waits beforehand.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::door::{BadAddress, Call, Door, Reply};
use crate::signing::{Encoding, hmac_sha256};
use crate::template::in_query;
use crate::{Accepted, Failure, Secret};

/// The longest text in bytes; 企业微信 takes 2,048, the others more.
const LONGEST: usize = 2_000;

/// Whose robot it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 企业微信.
    Wecom,
    /// 钉钉.
    Dingtalk,
    /// 飞书.
    Feishu,
}

impl Kind {
    /// The pause between two messages that keeps within what the maker allows, in milliseconds.
    pub fn least_pause(self) -> i64 {
        match self {
            Kind::Wecom | Kind::Dingtalk => 3_000,
            Kind::Feishu => 600,
        }
    }
}

/// A robot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RobotSettings {
    /// Whose.
    pub kind: Kind,
    /// Its address; it holds a key, so it is a secret.
    pub url: Secret,
    /// The secret to sign with, where the robot wants it (钉钉 加签, 飞书 签名校验).
    pub secret: Option<Secret>,
    /// Which notices it tells: `overdue`, `reminder`, `told`, `assigned`, `signature`, `question`.
    #[serde(default)]
    pub tells: Vec<String>,
    /// Key of the unit in whose subtree the cases lie; every unit unless given.
    pub unit: Option<String>,
}

/// A robot to send by.
#[derive(Clone, Debug)]
pub struct Robot {
    settings: RobotSettings,
    door: Door,
}

/// The text cut to what every robot takes, with its key behind it, so that a message that came twice is seen to be one.
fn written(text: &str, key: &str) -> String {
    let room = LONGEST.saturating_sub(key.len() + 4);
    let mut end = text.len().min(room);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = text.get(..end).unwrap_or_default();
    format!("{cut}\n[{key}]")
}

impl Robot {
    /// A robot behind a door.
    ///
    /// # Errors
    /// When its address is not taken.
    pub fn new(settings: RobotSettings, door: Door) -> Result<Robot, BadAddress> {
        door.check(settings.url.reveal())?;
        Ok(Robot { settings, door })
    }

    /// What the robot is set to.
    pub fn settings(&self) -> &RobotSettings {
        &self.settings
    }

    /// The request for a text at a time, in ms.
    fn call(&self, text: &str, key: &str, now: i64) -> Call {
        let text = written(text, key);
        let mut url = self.settings.url.reveal().to_owned();
        let secret = self.settings.secret.as_ref().map(Secret::reveal);
        let body = match self.settings.kind {
            Kind::Wecom => json!({ "msgtype": "text", "text": { "content": text } }),
            Kind::Dingtalk => {
                if let Some(secret) = secret {
                    let message = format!("{now}\n{secret}");
                    let sign = Encoding::Base64.text(&hmac_sha256(secret.as_bytes(), message.as_bytes()));
                    let joint = if url.contains('?') { '&' } else { '?' };
                    url.push_str(&format!("{joint}timestamp={now}&sign={}", in_query(&sign)));
                }
                json!({ "msgtype": "text", "text": { "content": text } })
            }
            Kind::Feishu => {
                let mut body = json!({ "msg_type": "text", "content": { "text": text } });
                if let Some(secret) = secret {
                    let seconds = now / 1_000;
                    // The text to sign is the key, and the message is empty.
                    let key = format!("{seconds}\n{secret}");
                    let sign = Encoding::Base64.text(&hmac_sha256(key.as_bytes(), b""));
                    body["timestamp"] = Value::from(seconds.to_string());
                    body["sign"] = Value::from(sign);
                }
                body
            }
        };
        Call {
            method: "POST",
            url,
            headers: vec![(
                "content-type".to_owned(),
                "application/json; charset=utf-8".to_owned(),
            )],
            body: body.to_string().into_bytes(),
        }
    }

    /// Sends a text.
    pub async fn send(&self, text: &str, key: &str, now: i64) -> Result<Accepted, Failure> {
        let reply = self.door.call(self.call(text, key, now)).await?;
        judge(self.settings.kind, &reply)
    }
}

/// What the robot's answer means.
fn judge(kind: Kind, reply: &Reply) -> Result<Accepted, Failure> {
    if reply.status == 429 || reply.status >= 500 {
        return Err(Failure::Temporary {
            why: format!("the robot answered {}", reply.status),
            after: reply.after,
        });
    }
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let code = match kind {
        Kind::Wecom | Kind::Dingtalk => answer.get("errcode"),
        Kind::Feishu => answer.get("code").or_else(|| answer.get("StatusCode")),
    };
    match (reply.status, code.and_then(Value::as_i64)) {
        (200, Some(0)) => Ok(Accepted::default()),
        // Too many at once: silence for the minute they count by (钉钉 silences for ten).
        (_, Some(code @ (45009 | 130101 | 410100 | 9499 | 11232))) => Err(Failure::Temporary {
            why: format!("too many messages ({code})"),
            after: Some(if kind == Kind::Dingtalk { 600_000 } else { 60_000 }),
        }),
        // Busy on their side.
        (_, Some(code @ (-1 | 19007))) => Err(Failure::temporary(format!("the robot is busy ({code})"))),
        (_, Some(code)) => Err(Failure::permanent(format!(
            "the robot refused the message ({code})"
        ))),
        (status, None) => Err(Failure::permanent(format!(
            "the robot's answer ({status}) cannot be read"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::door::Outbound;

    fn robot(kind: Kind, url: &str, secret: Option<&str>) -> Robot {
        let settings = RobotSettings {
            kind,
            url: Secret::new(url),
            secret: secret.map(Secret::new),
            tells: Vec::new(),
            unit: None,
        };
        Robot::new(settings, Door::new(Outbound::default()).unwrap()).unwrap()
    }

    #[test]
    fn dingtalk_is_signed_in_the_address() {
        let call = robot(
            Kind::Dingtalk,
            "https://oapi.dingtalk.com/robot/send?access_token=x",
            Some("SEC1"),
        )
        .call("快到期", "k1", 1_700_000_000_123);
        // HMAC-SHA256 of "1700000000123\nSEC1" under SEC1, worked out with another program.
        let sign = in_query(&Encoding::Base64.text(&hmac_sha256(b"SEC1", b"1700000000123\nSEC1")));
        assert_eq!(
            call.url,
            format!(
                "https://oapi.dingtalk.com/robot/send?access_token=x&timestamp=1700000000123&sign={sign}"
            )
        );
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(
            body,
            json!({ "msgtype": "text", "text": { "content": "快到期\n[k1]" } })
        );
    }

    #[test]
    fn feishu_is_signed_in_the_body() {
        let call = robot(
            Kind::Feishu,
            "https://open.feishu.cn/open-apis/bot/v2/hook/x",
            Some("s"),
        )
        .call("快到期", "k1", 1_599_360_473_123);
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        assert_eq!(body["timestamp"], "1599360473");
        assert_eq!(
            body["sign"],
            Encoding::Base64.text(&hmac_sha256(b"1599360473\ns", b""))
        );
        assert_eq!(body["content"]["text"], "快到期\n[k1]");
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_keeps_its_key() {
        let text = written(&"很".repeat(2_000), "n-7");
        assert!(text.len() <= LONGEST && text.ends_with("很\n[n-7]"));
    }

    #[test]
    fn answers_say_whether_to_come_again() {
        let reply = |status, body: Value| Reply {
            status,
            body: body.to_string().into_bytes(),
            after: None,
        };
        assert!(judge(Kind::Wecom, &reply(200, json!({ "errcode": 0 }))).is_ok());
        assert!(judge(Kind::Feishu, &reply(200, json!({ "StatusCode": 0, "code": 0 }))).is_ok());
        let slow = judge(Kind::Wecom, &reply(200, json!({ "errcode": 45009 })));
        assert!(matches!(
            slow,
            Err(Failure::Temporary {
                after: Some(60_000),
                ..
            })
        ));
        let wrong = judge(Kind::Dingtalk, &reply(200, json!({ "errcode": 310000 })));
        assert!(matches!(wrong, Err(Failure::Permanent { .. })));
        assert!(matches!(
            judge(Kind::Feishu, &reply(503, Value::Null)),
            Err(Failure::Temporary { .. })
        ));
        assert!(matches!(
            judge(Kind::Feishu, &reply(200, Value::Null)),
            Err(Failure::Permanent { .. })
        ));
    }
}
