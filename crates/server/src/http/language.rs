//! The language of an answer: what the browser asks for, Chinese unless it is English.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use calendar::Lang;
use regulation::Said;

/// The language of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// What the request's `Accept-Language` prefers.
    pub fn of(headers: &HeaderMap) -> Self {
        let wanted = headers
            .get(ACCEPT_LANGUAGE)
            .map(HeaderValue::to_str)
            .and_then(Result::ok)
            .unwrap_or("");
        if wanted.trim_start().to_ascii_lowercase().starts_with("en") {
            Language::English
        } else {
            Language::Chinese
        }
    }

    /// The sentence in this language.
    pub fn say(self, said: &Said) -> String {
        match self {
            Language::Chinese => said.zh.clone(),
            Language::English => said.en.clone(),
        }
    }

    /// One of two texts.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    /// The same choice in the calendar's terms.
    pub fn calendar(self) -> Lang {
        match self {
            Language::Chinese => Lang::Zh,
            Language::English => Lang::En,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Language::of(&parts.headers))
    }
}
