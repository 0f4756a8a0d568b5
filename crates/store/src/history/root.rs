//! Signed roots: what the sealer says about the whole history, and how an outsider checks it.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::hash::{Hash, hash_from_hex, to_hex};
use crate::engine::{Engine, Sql};
use crate::error::StoreError;
use crate::value::Answer;

/// The sealer's key.
const KEY: &str = "sealer-1";

/// A root of the whole history, signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRoot {
    /// How many events it covers: those of positions 1 to this.
    pub size: i64,
    /// The root of the tree over them.
    pub root: Hash,
    /// When it was signed, in ms.
    pub signed_at: i64,
    /// The name of the key.
    pub key_name: String,
    /// The Ed25519 signature.
    pub signature: Vec<u8>,
}

impl SignedRoot {
    /// The root as it is printed and kept outside.
    pub fn witness(&self) -> Witness {
        Witness {
            size: self.size,
            root: self.root,
        }
    }

    /// Whether the signature is the key's.
    pub fn is_signed_by(&self, public_key: &[u8]) -> bool {
        let key = <[u8; 32]>::try_from(public_key)
            .ok()
            .and_then(|key| VerifyingKey::from_bytes(&key).ok());
        let signature = Signature::from_slice(&self.signature).ok();
        let (Some(key), Some(signature)) = (key, signature) else {
            return false;
        };
        key.verify_strict(&message(self.size, &self.root, self.signed_at), &signature)
            .is_ok()
    }

    /// Reads size, root, signed_at, key_name, signature.
    pub(crate) fn read(answer: &Answer) -> Result<Self, StoreError> {
        Ok(SignedRoot {
            size: answer.int(0)?,
            root: super::hash_of(answer.value(1)?)?,
            signed_at: answer.int(2)?,
            key_name: answer.text(3)?.to_owned(),
            signature: answer.blob(4)?.to_vec(),
        })
    }
}

/// The columns that [`SignedRoot::read`] reads, newest root first.
pub(crate) const NEWEST_ROOT: &str =
    "SELECT size, root, signed_at, key_name, signature FROM roots ORDER BY size DESC LIMIT 1";

/// A root that somebody kept outside: on a printed report, in a mail. Written `SIZE:HEX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Witness {
    /// How many events the root covers.
    pub size: i64,
    /// The root.
    pub root: Hash,
}

impl std::fmt::Display for Witness {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}", self.size, to_hex(&self.root))
    }
}

impl From<Witness> for String {
    fn from(witness: Witness) -> Self {
        witness.to_string()
    }
}

impl TryFrom<String> for Witness {
    type Error = StoreError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl std::str::FromStr for Witness {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.trim().split_once(':');
        let read = parts.and_then(|(size, root)| {
            let size = size.trim().parse().ok().filter(|size| *size >= 0)?;
            Some(Witness {
                size,
                root: hash_from_hex(root.trim())?,
            })
        });
        read.ok_or_else(|| {
            StoreError::Failed(format!(
                "{text:?} is no root: write it as printed, the number of events, a colon, 64 hexadecimal digits"
            ))
        })
    }
}

fn message(size: i64, root: &Hash, signed_at: i64) -> Vec<u8> {
    let mut message = b"shouwen-root-1".to_vec();
    message.extend_from_slice(&size.to_be_bytes());
    message.extend_from_slice(root);
    message.extend_from_slice(&signed_at.to_be_bytes());
    message
}

/// The sealer's signing key.
pub(crate) struct RootSigner {
    key: SigningKey,
}

impl RootSigner {
    /// Reads the key from the database, making it at the very first start.
    pub async fn load(engine: &Engine, now: i64) -> Result<Self, StoreError> {
        let read = Sql::new("SELECT secret FROM keys WHERE name = $1", vec![KEY.into()]);
        if engine.query(read.clone()).await?.is_empty() {
            let mut secret = [0; 32];
            getrandom::fill(&mut secret).map_err(|error| {
                StoreError::Unavailable(format!("the system gives no random numbers: {error}"))
            })?;
            let public = SigningKey::from_bytes(&secret).verifying_key().to_bytes();
            let keep = "INSERT INTO keys (name, secret, public, made) VALUES ($1, $2, $3, $4) \
                        ON CONFLICT (name) DO NOTHING";
            let params = vec![KEY.into(), secret.into(), public.into(), now.into()];
            engine.transact(vec![Sql::new(keep, params)]).await?;
        }
        let answers = engine.query(read).await?;
        let secret = answers
            .first()
            .map(|answer| super::hash_of(answer.value(0)?))
            .transpose()?;
        let secret = secret.ok_or_else(|| StoreError::Damaged("the sealer's key is missing".into()))?;
        Ok(RootSigner {
            key: SigningKey::from_bytes(&secret),
        })
    }

    pub fn sign(&self, size: i64, root: Hash, signed_at: i64) -> SignedRoot {
        let signature = self
            .key
            .sign(&message(size, &root, signed_at))
            .to_bytes()
            .to_vec();
        SignedRoot {
            size,
            root,
            signed_at,
            key_name: KEY.to_owned(),
            signature,
        }
    }
}
