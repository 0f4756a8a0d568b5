//! A gateway by its settings: the request, its signature, the answer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::receipts::Receipts;
use super::text::{mainland, segments};
use crate::door::{Call, Door, Reply};
use crate::signing::{Encoding, hmac_sha256, sha256_hex};
use crate::template::{in_json, in_query};
use crate::{Accepted, Failure, Secret, Template};

/// The longest message, in segments: what gateways take at most.
const LONGEST: u32 = 8;

/// Names that every template of a request may use; a text template's own places come as `param.NAME`.
const KNOWN: [&str; 12] = [
    "phone",
    "signature",
    "template",
    "text",
    "params",
    "key",
    "timestamp",
    "timestamp_ms",
    "time",
    "nonce",
    "access_key",
    "query",
];

/// Names that what is signed may use besides.
const SIGNED: [&str; 2] = ["body", "body_sha256"];

/// How a body is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// Where a signature goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// A header.
    Header,
    /// The query.
    Query,
}

/// How a request is signed: HMAC-SHA256 of a text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// Where it goes.
    pub placement: Placement,
    /// The name of the header or of the part of the query.
    pub name: String,
    /// What is signed.
    pub canonical: Template,
    /// How the signature is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// What goes there; `${sign}` unless given.
    pub value: Option<Template>,
}

/// An approved text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextTemplate {
    /// The gateway's name for it.
    pub id: String,
    /// The text as it was approved, without the signature.
    pub text: Template,
}

/// What answer means that the message was taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Where it says so (JSON pointer, `/code`).
    pub pointer: String,
    /// What it says then.
    pub is: String,
    /// Where the message's name stands that receipts will use.
    pub id: Option<String>,
    /// Answers after which the message is tried again: too many at once, their fault.
    #[serde(default)]
    pub again: Vec<String>,
}

/// The gateway's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsSettings {
    /// Its address.
    pub url: String,
    /// The approved signature (签名), without brackets.
    pub signature: String,
    /// The public half of the key.
    pub access_key: Option<Secret>,
    /// The secret to sign with.
    pub secret: Secret,
    /// How the body is written.
    #[serde(default)]
    pub form: Form,
    /// The body.
    pub body: Template,
    /// Headers besides the content's type.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// The query.
    #[serde(default)]
    pub query: BTreeMap<String, Template>,
    /// How it is signed.
    pub sign: Signing,
    /// What its answers mean.
    pub taken: Taken,
    /// Receipts that it sends us.
    pub receipts: Option<Receipts>,
    /// Approved texts, by our name for them.
    #[serde(default)]
    pub templates: BTreeMap<String, TextTemplate>,
    /// Which text tells which notice: `overdue = "late"`.
    #[serde(default)]
    pub notices: BTreeMap<String, String>,
    /// Which text carries a message to a customer: by the message's key in its pack, `*` for every other.
    #[serde(default)]
    pub messages: BTreeMap<String, String>,
    /// No message between these times: `21:00-08:00`.
    pub quiet: Option<String>,
    /// The most segments on one day.
    pub most_per_day: Option<u32>,
    /// The most segments in one month.
    pub most_per_month: Option<u32>,
}

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Stays the same when it is sent again.
    pub key: String,
    /// To which number.
    pub phone: String,
    /// Our name of the text.
    pub template: String,
    /// What fills its places.
    pub params: BTreeMap<String, String>,
}

/// A gateway behind a door.
#[derive(Clone, Debug)]
pub struct Gateway {
    settings: SmsSettings,
    door: Door,
}

impl Gateway {
    /// A gateway by its settings.
    ///
    /// # Errors
    /// With words about the setting that is wrong.
    pub fn new(settings: SmsSettings, door: Door) -> Result<Gateway, String> {
        door.check(&settings.url).map_err(|bad| format!("url: {bad}"))?;
        let signature = settings.signature.chars().count();
        if !(2..=16).contains(&signature) || settings.signature.contains(['【', '】']) {
            return Err(
                "signature: write the approved signature of 2 to 16 characters, without brackets".to_owned(),
            );
        }
        let params: Vec<String> = settings
            .templates
            .values()
            .flat_map(|template| template.text.places().map(|place| format!("param.{place}")))
            .collect();
        let unknown = |template: &Template, more: &[&str]| {
            template
                .places()
                .find(|place| {
                    !KNOWN.contains(place)
                        && !more.contains(place)
                        && !params.iter().any(|param| param == place)
                })
                .map(|place| {
                    format!(
                        "nothing is known under ${{{place}}}; known are {}",
                        KNOWN.join(", ")
                    )
                })
        };
        let mut wrong = unknown(&settings.body, &[]).map(|why| format!("body: {why}"));
        for (name, template) in settings.headers.iter().chain(&settings.query) {
            wrong = wrong.or_else(|| unknown(template, &SIGNED).map(|why| format!("{name}: {why}")));
        }
        wrong = wrong.or_else(|| {
            unknown(&settings.sign.canonical, &SIGNED).map(|why| format!("sign.canonical: {why}"))
        });
        if let Some(value) = &settings.sign.value {
            wrong = wrong
                .or_else(|| unknown(value, &["sign", "body_sha256"]).map(|why| format!("sign.value: {why}")));
        }
        let routed = [("notices", &settings.notices), ("messages", &settings.messages)];
        for (section, texts) in routed {
            for (key, template) in texts {
                if !settings.templates.contains_key(template) {
                    wrong =
                        wrong.or_else(|| Some(format!("{section}.{key}: there is no template {template}")));
                }
            }
        }
        match wrong {
            Some(why) => Err(why),
            None => Ok(Gateway { settings, door }),
        }
    }

    /// What it is set to.
    pub fn settings(&self) -> &SmsSettings {
        &self.settings
    }

    /// Our name of the text that carries a pack's message to a customer.
    ///
    /// # Errors
    /// When the settings name none.
    pub fn text_for(&self, message: &str) -> Result<&str, Failure> {
        let named = self.settings.messages.get(message);
        let named = named.or_else(|| self.settings.messages.get("*"));
        named.map(String::as_str).ok_or_else(|| {
            Failure::permanent(format!(
                "no approved text is named for the message {message:?}: name one under [sms.messages]"
            ))
        })
    }

    /// The whole text of a message, signature included.
    pub fn text(&self, order: &Order) -> Result<String, Failure> {
        let template = self.settings.templates.get(&order.template);
        let template = template.ok_or_else(|| {
            Failure::permanent(format!("there is no approved text named {}", order.template))
        })?;
        let params = order
            .params
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        let text = template
            .text
            .plain(&params)
            .map_err(|unknown| Failure::permanent(unknown.to_string()))?;
        Ok(format!("【{}】{text}", self.settings.signature))
    }

    /// How many messages it is paid as.
    pub fn segments(&self, order: &Order) -> Result<u32, Failure> {
        self.text(order).map(|text| segments(&text))
    }

    /// The request for a message. `time` is now as `2026-01-31T08:00:00Z`.
    fn call(&self, order: &Order, now: i64, time: &str, nonce: &str) -> Result<Call, Failure> {
        let settings = &self.settings;
        let phone =
            mainland(&order.phone).ok_or_else(|| Failure::permanent("this is no mainland mobile number"))?;
        let text = self.text(order)?;
        if segments(&text) > LONGEST {
            return Err(Failure::permanent(format!(
                "the text is longer than {LONGEST} messages"
            )));
        }
        let template = settings.templates.get(&order.template);
        // Only what the approved text names is handed over.
        let params: BTreeMap<&str, &str> = template
            .iter()
            .flat_map(|template| template.text.places())
            .filter_map(|place| Some((place, order.params.get(place)?.as_str())))
            .collect();
        let named: Vec<(String, String)> = params
            .iter()
            .map(|(name, value)| (format!("param.{name}"), (*value).to_owned()))
            .collect();
        let unwritable = |unknown: crate::Unknown| Failure::permanent(unknown.to_string());
        let mut values: BTreeMap<&str, String> = BTreeMap::from([
            ("phone", phone),
            ("signature", settings.signature.clone()),
            (
                "template",
                template.map(|template| template.id.clone()).unwrap_or_default(),
            ),
            ("text", text),
            ("params", serde_json::to_string(&params).unwrap_or_default()),
            ("key", order.key.clone()),
            ("timestamp", (now / 1_000).to_string()),
            ("timestamp_ms", now.to_string()),
            ("time", time.to_owned()),
            ("nonce", nonce.to_owned()),
            (
                "access_key",
                settings
                    .access_key
                    .as_ref()
                    .map(|key| key.reveal().to_owned())
                    .unwrap_or_default(),
            ),
        ]);
        values.extend(named.iter().map(|(name, value)| (name.as_str(), value.clone())));
        let escape = |name: &str, value: &str| match settings.form {
            // The parameters are JSON already: as a value of their own they stand bare, within a text they are written as one.
            Form::Json if name == "params" => value.to_owned(),
            Form::Json => in_json(value),
            Form::Form => in_query(value),
        };
        let body = settings.body.fill(&values, escape).map_err(unwritable)?;
        if settings.form == Form::Json && serde_json::from_str::<Value>(&body).is_err() {
            return Err(Failure::permanent(
                "sms.body does not make JSON: look at its quotation marks",
            ));
        }
        values.insert("body_sha256", sha256_hex(body.as_bytes()));
        let mut query = Vec::new();
        for (name, template) in &settings.query {
            query.push(format!(
                "{}={}",
                in_query(name),
                in_query(&template.plain(&values).map_err(unwritable)?)
            ));
        }
        values.insert("query", query.join("&"));
        let mut headers = vec![(
            "content-type".to_owned(),
            match settings.form {
                Form::Json => "application/json; charset=utf-8",
                Form::Form => "application/x-www-form-urlencoded; charset=utf-8",
            }
            .to_owned(),
        )];
        for (name, template) in &settings.headers {
            headers.push((name.clone(), template.plain(&values).map_err(unwritable)?));
        }
        values.insert("body", body.clone());
        let canonical = settings.sign.canonical.plain(&values).map_err(unwritable)?;
        let mac = hmac_sha256(settings.secret.reveal().as_bytes(), canonical.as_bytes());
        let sign = settings.sign.encoding.text(&mac);
        values.insert("sign", sign.clone());
        let value = match &settings.sign.value {
            Some(value) => value.plain(&values).map_err(unwritable)?,
            None => sign,
        };
        match settings.sign.placement {
            Placement::Header => headers.push((settings.sign.name.clone(), value)),
            Placement::Query => query.push(format!("{}={}", in_query(&settings.sign.name), in_query(&value))),
        }
        let mut url = settings.url.clone();
        if !query.is_empty() {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&query.join("&"));
        }
        Ok(Call {
            method: "POST",
            url,
            headers,
            body: body.into_bytes(),
        })
    }

    /// Sends a message.
    pub async fn send(&self, order: &Order, now: i64, time: &str, nonce: &str) -> Result<Accepted, Failure> {
        let reply = self.door.call(self.call(order, now, time, nonce)?).await?;
        judge(&self.settings.taken, &reply)
    }
}

/// What stands at a place of an answer, as text.
pub(super) fn word(answer: &Value, pointer: &str) -> Option<String> {
    match answer.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn judge(taken: &Taken, reply: &Reply) -> Result<Accepted, Failure> {
    if reply.status == 429 || reply.status >= 500 {
        return Err(Failure::Temporary {
            why: format!("the gateway answered {}", reply.status),
            after: reply.after,
        });
    }
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let Some(said) = word(&answer, &taken.pointer) else {
        return Err(Failure::permanent(format!(
            "the gateway's answer ({}) has nothing at {}",
            reply.status, taken.pointer
        )));
    };
    if said == taken.is {
        return Ok(Accepted {
            id: taken.id.as_ref().and_then(|pointer| word(&answer, pointer)),
        });
    }
    let said: String = said.chars().take(60).collect();
    let why = format!("the gateway refused the message: {said}");
    if taken.again.contains(&said) {
        return Err(Failure::temporary(why));
    }
    Err(Failure::permanent(why))
}
