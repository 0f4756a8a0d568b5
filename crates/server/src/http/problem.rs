//! The one shape of every refusal: RFC 9457 problem details, in the reader's language.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use regulation::model::ClauseRef;
use regulation::{Id, Refusal, Said};
use serde::Serialize;
use store::{CommitError, StoreError};
use utoipa::openapi::response::{Response as ApiResponse, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

use super::Language;
use super::wire::{ClauseTag, clause_tag};
use crate::cases::shell::ShellError;
use crate::centre::Centre;
use crate::organisation::ChangeError;
use crate::session::{Owes, PasswordError};

/// What a handler gives.
pub type Answer<T> = Result<T, Problem>;

/// Why a request was not carried out.
#[derive(Clone, Debug)]
pub struct Problem(Box<Details>);

#[derive(Clone, Debug)]
struct Details {
    status: StatusCode,
    code: &'static str,
    title: Said,
    detail: Said,
    fields: Vec<(String, Said)>,
    clause: Option<ClauseRef>,
    refusal: Option<Refusal>,
    by: Option<(Id, String)>,
    retry_after: Option<u32>,
}

/// A field that cannot be taken as typed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldSay {
    /// Its key; `tasks[2].due` inside rows.
    pub field: String,
    /// What is wrong and how to mend it.
    pub say: String,
}

/// Who was faster.
#[derive(Debug, Serialize, ToSchema)]
pub struct By {
    /// The person.
    pub person: String,
    /// Their name.
    pub name: String,
    /// What they did.
    pub did: String,
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Names the kind of problem.
    pub r#type: String,
    /// What is wrong, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong, where, and what to do.
    pub detail: String,
    /// The kind of problem for programs.
    pub code: String,
    /// Fields that cannot be taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<FieldSay>,
    /// The clause behind a refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<ClauseTag>,
    /// Why the engine refused: `unknown`, `not_here`, `forbidden`, `clause`, `unapproved`, `input`, `stale`, `taken`,
    /// `settled`, `unmovable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Who was faster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: (&str, &str), detail: (String, String)) -> Self {
        Problem(Box::new(Details {
            status,
            code,
            title: Said {
                zh: title.0.to_owned(),
                en: title.1.to_owned(),
            },
            detail: Said {
                zh: detail.0,
                en: detail.1,
            },
            fields: Vec::new(),
            clause: None,
            refusal: None,
            by: None,
            retry_after: None,
        }))
    }

    /// 400: the request cannot be read.
    pub fn malformed(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            ("请求有误", "The request cannot be read"),
            (zh.into(), en.into()),
        )
    }

    /// 401: nobody is logged in.
    pub fn unauthenticated() -> Self {
        let detail = ("请先登录，再试一次。", "Log in, then try again.");
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            ("还没有登录", "Not logged in"),
            owned(detail),
        )
    }

    /// 401: the log-in does not fit. The same for an unknown name and a wrong password.
    pub fn wrong_login() -> Self {
        let detail = (
            "账号或密码不对。请检查大小写后再试。",
            "The login or the password is wrong. Check both and try again.",
        );
        Self::new(
            StatusCode::UNAUTHORIZED,
            "wrong_login",
            ("没有登上", "Not logged in"),
            owned(detail),
        )
    }

    /// 401: the password is right, and a code of the second factor is wanted beside it.
    pub fn second_factor() -> Self {
        let detail = (
            "请再输入动态验证码或恢复码。",
            "Give the code of your second factor too, or a recovery code.",
        );
        Self::new(
            StatusCode::UNAUTHORIZED,
            "second_factor",
            ("还需要动态验证码", "A second factor is wanted"),
            owned(detail),
        )
    }

    /// 403: logged in, but something is owed before anything else.
    pub fn owes(owes: Owes) -> Self {
        let (code, detail) = match owes {
            Owes::Factor => (
                "second_factor_required",
                (
                    "您的职能要求使用动态验证码。请先登记，再继续。",
                    "Your functions ask for a second factor. Enrol one, then go on.",
                ),
            ),
            Owes::Password | Owes::Nothing => (
                "password_change_required",
                (
                    "您的密码是别人设定的。请先改成自己的密码，再继续。",
                    "Your password was set by someone else. Change it to one of your own, then go on.",
                ),
            ),
        };
        Self::new(
            StatusCode::FORBIDDEN,
            code,
            ("还差一步", "One step is left"),
            owned(detail),
        )
    }

    /// 409: it cannot be done as things stand.
    pub fn conflict(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            code,
            ("现在不能这样做", "Not possible as things stand"),
            (zh.into(), en.into()),
        )
    }

    /// 429: too many tries.
    pub fn too_many(seconds: u32) -> Self {
        let detail = (
            format!("尝试次数太多。请在{seconds}秒后再试。"),
            format!("Too many attempts. Try again in {seconds} seconds."),
        );
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate",
            ("稍后再试", "Too many attempts"),
            detail,
        );
        problem.0.retry_after = Some(seconds);
        problem
    }

    /// 429: requests come faster than they are taken.
    pub fn too_many_requests(seconds: u32) -> Self {
        let detail = (
            format!("请求太频繁。请在{seconds}秒后再试。"),
            format!("Requests come too fast. Try again in {seconds} seconds."),
        );
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate",
            ("稍后再试", "Too many requests"),
            detail,
        );
        problem.0.retry_after = Some(seconds);
        problem
    }

    /// 408: the body did not arrive in time.
    pub fn too_slow() -> Self {
        Self::status(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "请求的内容传得太慢，没有收全。请检查网络后再试。",
            "The body of the request came too slowly. Check the connection and try again.",
        )
    }

    /// 403: logged in, but not entitled.
    pub fn forbidden(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            ("没有权限", "Not permitted"),
            (zh.into(), en.into()),
        )
    }

    /// 404: not there, or not within reach; the two are not told apart.
    pub fn not_found(zh: &str, en: &str) -> Self {
        let detail = (
            format!("没有找到{zh}。它可能不存在，或不在您的权限范围内。"),
            format!("There is no such {en}, or it is outside your scope."),
        );
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            ("没有找到", "Not found"),
            detail,
        )
    }

    /// 422: fields cannot be taken as typed.
    pub fn input(fields: Vec<(String, Said)>) -> Self {
        let detail = (
            "请改正标出的各项，再试一次。",
            "Mend the fields marked, then try again.",
        );
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "input",
            ("有几项需要改正", "Some fields need mending"),
            owned(detail),
        );
        problem.0.fields = fields;
        problem
    }

    /// 503: the store cannot work now.
    pub fn unavailable(zh: impl Into<String>, en: impl Into<String>) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            ("暂时不能保存", "Not available now"),
            (zh.into(), en.into()),
        );
        problem.0.retry_after = Some(5);
        problem
    }

    /// Any other status that the framework gives.
    pub fn status(status: StatusCode, code: &'static str, zh: &str, en: &str) -> Self {
        Self::new(status, code, (zh, en), (zh.to_owned(), en.to_owned()))
    }

    /// The same, by this clause.
    #[must_use]
    pub fn citing(mut self, clause: ClauseRef) -> Self {
        self.0.clause = Some(clause);
        self
    }

    /// What was wrong, where, and what to do.
    pub fn detail(&self) -> &Said {
        &self.0.detail
    }

    fn body(&self, centre: &Centre, language: Language) -> ProblemBody {
        let surroundings = centre.surroundings();
        ProblemBody {
            r#type: format!("urn:shouwen:problem:{}", self.0.code),
            title: language.say(&self.0.title),
            status: self.0.status.as_u16(),
            detail: language.say(&self.0.detail),
            code: self.0.code.to_owned(),
            problems: self
                .0
                .fields
                .iter()
                .map(|(field, say)| FieldSay {
                    field: field.clone(),
                    say: language.say(say),
                })
                .collect(),
            clause: self
                .0
                .clause
                .as_ref()
                .map(|clause| clause_tag(&surroundings.packs, clause, language)),
            why: self.0.refusal.as_ref().map(|refusal| why(refusal).to_owned()),
            by: self.0.by.as_ref().map(|(person, did)| By {
                person: person.to_string(),
                name: surroundings
                    .picture
                    .person_name(Some(*person))
                    .unwrap_or_default()
                    .to_owned(),
                did: did.clone(),
            }),
        }
    }

    /// The response in a language. Handlers give the problem itself; the outermost layer renders it.
    pub fn render(&self, centre: &Centre, language: Language) -> Response {
        let mut response = (self.0.status, Json(self.body(centre, language))).into_response();
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.0.retry_after {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn owned(detail: (&str, &str)) -> (String, String) {
    (detail.0.to_owned(), detail.1.to_owned())
}

/// The kind of a refusal, for programs.
pub fn why(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Unknown { .. } => "unknown",
        Refusal::NotHere { .. } => "not_here",
        Refusal::Forbidden { .. } => "forbidden",
        Refusal::Clause { .. } => "clause",
        Refusal::Unapproved { .. } => "unapproved",
        Refusal::Input { .. } => "input",
        Refusal::Stale { .. } => "stale",
        Refusal::Taken { .. } => "taken",
        Refusal::Settled { .. } => "settled",
        Refusal::Unmovable { .. } => "unmovable",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let said = super::wire::refusal_said(&refusal);
        let (status, code, title) = match &refusal {
            Refusal::Unknown { .. } => (
                StatusCode::NOT_FOUND,
                "unknown_action",
                ("规程中没有", "Not in the regulation"),
            ),
            Refusal::NotHere { .. } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "not_here",
                ("现在不能这样做", "Not possible at this stage"),
            ),
            Refusal::Forbidden { .. } => (StatusCode::FORBIDDEN, "forbidden", ("没有权限", "Not permitted")),
            Refusal::Clause { .. } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "refused",
                ("条款不允许", "A clause forbids it"),
            ),
            Refusal::Unapproved { .. } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "unapproved",
                ("还没有批准", "Not approved yet"),
            ),
            Refusal::Input { .. } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "input",
                ("有几项需要改正", "Some fields need mending"),
            ),
            Refusal::Stale { .. } => (
                StatusCode::CONFLICT,
                "stale",
                ("别人刚处理过", "Someone else acted first"),
            ),
            Refusal::Taken { .. } => (StatusCode::CONFLICT, "taken", ("已经登记过", "Taken already")),
            Refusal::Settled { .. } => (StatusCode::CONFLICT, "settled", ("已经办过", "Settled already")),
            Refusal::Unmovable { .. } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "unmovable",
                ("不能改用新版本", "Cannot be moved"),
            ),
        };
        let mut problem = Problem::new(status, code, title, (said.zh, said.en));
        problem.0.clause = refusal.clause().cloned();
        match &refusal {
            Refusal::Input { problems } => {
                problem.0.fields = problems
                    .iter()
                    .map(|one| (one.field.clone(), one.say.clone()))
                    .collect();
            }
            Refusal::Stale { by, did, .. } => problem.0.by = Some((*by, did.clone())),
            _ => {}
        }
        problem.0.refusal = Some(refusal);
        problem
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::StorageFull => Problem::unavailable(
                "没有存上：服务器磁盘已满。请通知管理员清理磁盘，然后再试一次。",
                "Not saved: the server's disk is full. Ask the administrator to make room, then try again.",
            ),
            StoreError::Unavailable(reason) => {
                tracing::error!(%reason, "the database cannot be reached");
                Problem::unavailable(
                    "没有存上：数据库暂时连不上。请稍后再试一次。",
                    "Not saved: the database cannot be reached. Try again shortly.",
                )
            }
            other => {
                tracing::error!(error = %other, "the store failed");
                Problem::status(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "服务器出错，没有改动任何内容。请把时间告诉管理员。",
                    "The server met an error; nothing was changed. Tell the administrator the time.",
                )
            }
        }
    }
}

impl From<CommitError> for Problem {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::StorageFull => StoreError::StorageFull.into(),
            CommitError::Unavailable(reason) | CommitError::Unknown(reason) => {
                StoreError::Unavailable(reason).into()
            }
            other => StoreError::Failed(other.to_string()).into(),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Weak(weakness) => Problem::input(vec![("password".to_owned(), weakness.say())]),
            PasswordError::Store(error) => error.into(),
            PasswordError::Hash(reason) => StoreError::Failed(reason).into(),
        }
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        let input =
            |field: &str, zh: String, en: String| Problem::input(vec![(field.to_owned(), Said { zh, en })]);
        let en = error.to_string();
        match error {
            ChangeError::Store(error) => error.into(),
            ChangeError::Commit(error) => error.into(),
            ChangeError::NoSuchUnit(_) => Problem::not_found("这个部门", "unit"),
            ChangeError::Circle(_) => input(
                "parent",
                "部门不能放在自己或自己的下级之下，请另选上级部门".to_owned(),
                en,
            ),
            ChangeError::LoginTaken(login) => {
                input("login", format!("登录名“{login}”已有人使用，请换一个"), en)
            }
            ChangeError::KeyTaken(key) => input("key", format!("部门代码“{key}”已被使用，请换一个"), en),
            ChangeError::Empty(_) => input("name", "名称不能为空".to_owned(), en),
            ChangeError::Backward(_) => input("until", "结束时间要晚于开始时间".to_owned(), en),
            ChangeError::Closed(_) => {
                Problem::conflict("closed", "这个部门已经停用。请先启用，或另选一个部门。", en)
            }
            ChangeError::InUse { units, people, cases } => Problem::conflict(
                "in_use",
                format!(
                    "部门还在使用：下级部门{units}个，任职人员{people}名，未办结事项{cases}件。请先移走，再停用。"
                ),
                en,
            ),
            ChangeError::OwnRights => Problem::forbidden(
                "任何人不能变更自己的职能、证书和在职状态。请另一位安全管理员办理。",
                en,
            ),
            ChangeError::Together(..) => Problem::conflict(
                "kept_apart",
                "系统、安全、审计三类管理员相互分离，同一人不能同时担任其中两类。",
                en,
            ),
            ChangeError::LastAdministrator(_) => Problem::conflict(
                "last_administrator",
                "这是最后一名任期这么长的该类管理员。请先把这项职能授予别人。",
                en,
            ),
            ChangeError::Stale => Problem::conflict(
                "stale",
                "您打开之后，这条记录已被改动。请看最新情况，再决定是否继续。",
                en,
            ),
        }
    }
}

impl From<ShellError> for Problem {
    fn from(error: ShellError) -> Self {
        match error {
            // Whether there was one whose contents are erased is told no more than whether there is one.
            ShellError::NoSuchCase(_) | ShellError::Erased(_) => Problem::not_found("这个事项", "case"),
            ShellError::NoSuchPack(hash) => {
                tracing::error!(%hash, "a case is pinned to a pack version that the database does not hold");
                StoreError::Failed("unknown pack version".into()).into()
            }
            ShellError::Refused(refusal) => (*refusal).into(),
            ShellError::KeyOfAnother => Problem::status(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_key_of_another",
                "这个Idempotency-Key已用于内容不同的请求，没有执行。请换一个新的。",
                "This Idempotency-Key belongs to a request with other contents; nothing was done. Use a new one.",
            ),
            ShellError::Busy => Problem::unavailable(
                "同时处理的人太多，没有存上。请再试一次。",
                "Too many people acted at once; nothing was saved. Try again.",
            ),
            ShellError::Store(error) => error.into(),
            ShellError::Commit(error) => error.into(),
        }
    }
}

impl IntoResponses for Problem {
    fn responses() -> std::collections::BTreeMap<String, RefOr<ApiResponse>> {
        let answer = |text: &str| -> RefOr<ApiResponse> {
            let content = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("ProblemBody")))
                .build();
            ResponseBuilder::new()
                .description(text)
                .content("application/problem+json", content)
                .build()
                .into()
        };
        [
            ("400", "The request cannot be read"),
            ("401", "Not logged in"),
            ("403", "Not permitted"),
            ("404", "Not found"),
            ("408", "The body came too slowly"),
            ("409", "Someone else was faster, or it is taken"),
            ("413", "Too large"),
            ("415", "Not JSON"),
            (
                "422",
                "Refused by a clause, a missing signature or the fields typed",
            ),
            ("429", "Too many attempts"),
            ("500", "The server met an error"),
            ("503", "Not available now"),
        ]
        .into_iter()
        .map(|(status, text)| (status.to_owned(), answer(text)))
        .collect()
    }
}
