//! Packed documents: what they would unpack to, read from their own list of contents. Nothing is unpacked.

/// The most a document may unpack to.
const MOST_BYTES: u64 = 400 * 1024 * 1024;
/// How many times its own size.
const MOST_TIMES: u64 = 200;
/// How many parts.
const MOST_PARTS: u64 = 10_000;

/// Why a packed document is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faulty {
    /// Its list of contents cannot be read.
    Broken,
    /// It would unpack to too much.
    Bomb,
    /// It carries programs.
    Program,
}

fn number(bytes: &[u8], at: usize, length: usize) -> Result<u64, Faulty> {
    let part = at
        .checked_add(length)
        .and_then(|to| bytes.get(at..to))
        .ok_or(Faulty::Broken)?;
    Ok(part
        .iter()
        .rev()
        .fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

/// Looks through the list of contents at the end of a ZIP file.
pub fn look(bytes: &[u8]) -> Result<(), Faulty> {
    // The end record stands behind everything but a comment of at most 65,535 bytes.
    let last = bytes.len().checked_sub(22).ok_or(Faulty::Broken)?;
    let end = (last.saturating_sub(65_535)..=last)
        .rev()
        .find(|at| number(bytes, *at, 4) == Ok(0x0605_4b50))
        .ok_or(Faulty::Broken)?;
    let parts = number(bytes, end + 10, 2)?;
    let start = number(bytes, end + 16, 4)?;
    // Sizes beyond 32 bits are written elsewhere: no document of our size has them.
    if parts > MOST_PARTS || start == 0xFFFF_FFFF {
        return Err(Faulty::Bomb);
    }
    let mut at = usize::try_from(start).map_err(|_| Faulty::Broken)?;
    let mut total: u64 = 0;
    for _ in 0..parts {
        if number(bytes, at, 4)? != 0x0201_4b50 {
            return Err(Faulty::Broken);
        }
        total = total.saturating_add(number(bytes, at + 24, 4)?);
        let name = usize::try_from(number(bytes, at + 28, 2)?).unwrap_or(0);
        let more = number(bytes, at + 30, 2)? + number(bytes, at + 32, 2)?;
        let named = bytes.get(at + 46..at + 46 + name).ok_or(Faulty::Broken)?;
        let named = named.to_ascii_lowercase();
        if [&b"vbaproject.bin"[..], b".exe", b".dll", b".js", b".vbs"]
            .iter()
            .any(|ending| named.ends_with(ending))
        {
            return Err(Faulty::Program);
        }
        at += 46 + name + usize::try_from(more).unwrap_or(0);
    }
    let size = bytes.len() as u64;
    if total > MOST_BYTES || total > size.saturating_mul(MOST_TIMES) {
        return Err(Faulty::Bomb);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(parts: &[(&str, u32)], claimed: u16) -> Vec<u8> {
        let mut bytes = vec![b'x'; 1000];
        for (name, size) in parts {
            let mut entry = vec![0; 46];
            entry[..4].copy_from_slice(&0x0201_4b50u32.to_le_bytes());
            entry[24..28].copy_from_slice(&size.to_le_bytes());
            entry[28..30].copy_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(&entry);
            bytes.extend_from_slice(name.as_bytes());
        }
        let mut end = vec![0; 22];
        end[..4].copy_from_slice(&0x0605_4b50u32.to_le_bytes());
        end[10..12].copy_from_slice(&claimed.to_le_bytes());
        end[16..20].copy_from_slice(&1000u32.to_le_bytes());
        bytes.extend_from_slice(&end);
        bytes
    }

    #[test]
    fn attack_decompression_bombs_and_macros_are_refused_unopened() {
        assert_eq!(look(&packed(&[("word/document.xml", 5000)], 1)), Ok(()));
        assert_eq!(
            look(&packed(&[("word/document.xml", 4_000_000_000)], 1)),
            Err(Faulty::Bomb)
        );
        assert_eq!(look(&packed(&[("a", 1_000_000)], 1)), Err(Faulty::Bomb));
        assert_eq!(look(&packed(&[], 20_000)), Err(Faulty::Bomb));
        assert_eq!(
            look(&packed(&[("word/vbaProject.bin", 10)], 1)),
            Err(Faulty::Program)
        );
        assert_eq!(look(&packed(&[("a", 1)], 2)), Err(Faulty::Broken));
        assert_eq!(look(b"PK"), Err(Faulty::Broken));
    }

    proptest! {
        #[test]
        fn attack_broken_lists_are_refused_and_nothing_else_happens(
            cut in 0usize..1200, place in 1000usize..1200, byte in any::<u8>()
        ) {
            let mut bytes = packed(&[("a", 10), ("b", 10)], 2);
            if let Some(one) = bytes.get_mut(place) {
                *one = byte;
            }
            bytes.truncate(cut);
            let _ = look(&bytes);
        }
    }
}
