//! SMS as it is sold in China: an approved signature in 【】, an approved template with parameters, an HTTP request signed by
//! HMAC, and a receipt that comes later.
//!
//! Gateways differ in names and places, not in kind, so everything they differ in is a setting: the address, the body, the
//! headers, the query, the text that is signed and where the signature goes, which answer means "taken". One signature
//! over one text under the secret itself is what can be said; gateways that derive a key of the day first need their own code.

mod gateway;
mod receipts;
mod text;

pub use gateway::{Gateway, Order, Signing, SmsSettings, Taken, TextTemplate};
pub use receipts::{BadReceipt, Receipt, Receipts};
pub use text::{mainland, segments};
