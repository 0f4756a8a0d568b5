//! Secrets that nobody can guess, and the form in which they are kept: a hash, so that who reads the database cannot
//! use them.

use ::store::StoreError;
use sha2::{Digest, Sha256};

/// Bytes from the system's source of chance.
pub fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Failed(format!("no random numbers: {error}")))?;
    Ok(bytes)
}

/// A new secret: 256 bits.
pub fn token() -> Result<String, StoreError> {
    Ok(hexadecimal(&random::<32>()?))
}

/// The form in which a secret is kept. It has 256 bits of chance, so one round of hashing is enough.
pub fn hashed(token: &str) -> String {
    hexadecimal(&Sha256::digest(token.as_bytes()))
}

/// Compares without telling by its duration where two texts differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
