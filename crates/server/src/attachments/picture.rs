//! Pictures without what they tell about their maker: where and when they were taken, with which device, by whom.
//!
//! Only what is needed to draw the picture is kept: everything else is left out rather than looked for, so that nothing
//! unknown slips through, nor anything hung behind the picture's end. Which way up a photograph is held is kept, because
//! without it most of a telephone's would lie on their side; colour profiles go, because they may hold anything. Nothing
//! is unpacked here.

/// The most points a picture may have: above it, a viewer would need gigabytes to show it.
const MOST_POINTS: u64 = 200_000_000;

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faulty {
    /// It is not what its beginning says, or broken off.
    Broken,
    /// It has too many points.
    TooLarge,
}

fn sized(width: u64, height: u64) -> Result<(), Faulty> {
    match width.saturating_mul(height) {
        0 => Err(Faulty::Broken),
        points if points > MOST_POINTS => Err(Faulty::TooLarge),
        _ => Ok(()),
    }
}

fn part(bytes: &[u8], from: usize, length: usize) -> Result<&[u8], Faulty> {
    let to = from.checked_add(length).ok_or(Faulty::Broken)?;
    bytes.get(from..to).ok_or(Faulty::Broken)
}

fn big(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn little(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// A JPEG with its frames, tables and scans alone, and which way up it is held.
pub fn jpeg(bytes: &[u8]) -> Result<Vec<u8>, Faulty> {
    if part(bytes, 0, 2)? != [0xFF, 0xD8] {
        return Err(Faulty::Broken);
    }
    let mut body = Vec::with_capacity(bytes.len());
    let (mut at, mut seen, mut turned) = (2, false, 1);
    loop {
        let [0xFF, marker] = *part(bytes, at, 2)? else {
            return Err(Faulty::Broken);
        };
        match marker {
            0xFF => {
                at += 1;
                continue;
            }
            0xD9 if seen => break,
            // Markers without a length do not stand between segments.
            0x00 | 0x01 | 0xD0..=0xD9 => return Err(Faulty::Broken),
            _ => {}
        }
        let length = usize::try_from(big(part(bytes, at + 2, 2)?)).unwrap_or(0);
        let whole = part(bytes, at, length + 2)?;
        let contents = whole.get(4..).ok_or(Faulty::Broken)?;
        at += length + 2;
        match marker {
            // Frames; the height may not be left to be told later.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                sized(big(part(contents, 3, 2)?), big(part(contents, 1, 2)?))?;
                body.extend_from_slice(whole);
            }
            // Tables of both kinds, restarts, arithmetic coding.
            0xC4 | 0xCC | 0xDB | 0xDD => body.extend_from_slice(whole),
            // Which colours are meant.
            0xEE if contents.starts_with(b"Adobe") && contents.len() == 12 => body.extend_from_slice(whole),
            0xE1 => turned = orientation(contents).unwrap_or(turned),
            0xDA => {
                seen = true;
                body.extend_from_slice(whole);
                let end = scan_end(bytes, at)?;
                body.extend_from_slice(part(bytes, at, end - at)?);
                at = end;
            }
            _ => {}
        }
    }
    let mut out = vec![0xFF, 0xD8];
    if turned != 1 {
        out.extend_from_slice(&held(turned));
    }
    out.extend_from_slice(&body);
    out.extend_from_slice(&[0xFF, 0xD9]);
    Ok(out)
}

/// Where the next marker stands behind a scan's data.
fn scan_end(bytes: &[u8], from: usize) -> Result<usize, Faulty> {
    let mut at = from;
    loop {
        match *part(bytes, at, 2)? {
            [0xFF, 0x00 | 0xD0..=0xD7] => at += 2,
            [0xFF, 0xFF] => at += 1,
            [0xFF, _] => return Ok(at),
            _ => at += 1,
        }
    }
}

/// Which way up a photograph is held, 1 to 8, from its metadata.
fn orientation(contents: &[u8]) -> Option<u8> {
    let tiff = contents.strip_prefix(b"Exif\0\0")?;
    let number: fn(&[u8]) -> u64 = match tiff.get(..4)? {
        b"II*\0" => little,
        b"MM\0*" => big,
        _ => return None,
    };
    let first = usize::try_from(number(tiff.get(4..8)?)).ok()?;
    let count = number(tiff.get(first..first.checked_add(2)?)?);
    (0..count.min(100)).find_map(|index| {
        let at = first + 2 + usize::try_from(index).ok()? * 12;
        let entry = tiff.get(at..at + 12)?;
        let value = number(entry.get(8..10)?);
        (number(entry.get(..2)?) == 0x0112 && (1..=8).contains(&value)).then(|| u8::try_from(value).ok())?
    })
}

/// Metadata that says which way up, and nothing else.
fn held(turned: u8) -> Vec<u8> {
    let mut segment = vec![0xFF, 0xE1, 0, 34];
    segment.extend_from_slice(b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01");
    segment.extend_from_slice(&[0, turned, 0, 0, 0, 0, 0, 0]);
    segment
}

/// A PNG with what is drawn alone.
pub fn png(bytes: &[u8]) -> Result<Vec<u8>, Faulty> {
    const BEGIN: &[u8] = b"\x89PNG\r\n\x1a\n";
    if part(bytes, 0, 8)? != BEGIN {
        return Err(Faulty::Broken);
    }
    let mut out = BEGIN.to_vec();
    let mut at = 8;
    loop {
        let length = usize::try_from(big(part(bytes, at, 4)?)).map_err(|_| Faulty::Broken)?;
        let kind = part(bytes, at + 4, 4)?;
        let whole = part(bytes, at, length.checked_add(12).ok_or(Faulty::Broken)?)?;
        if out.len() == 8 {
            if kind != b"IHDR" || length != 13 {
                return Err(Faulty::Broken);
            }
            sized(big(part(whole, 8, 4)?), big(part(whole, 12, 4)?))?;
        }
        at += length + 12;
        match kind {
            b"IHDR" | b"PLTE" | b"IDAT" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"sBIT" | b"bKGD"
            | b"pHYs" | b"acTL" | b"fcTL" | b"fdAT" => out.extend_from_slice(whole),
            b"IEND" => {
                out.extend_from_slice(whole);
                return Ok(out);
            }
            _ => {}
        }
    }
}

/// A WebP with what is drawn alone.
pub fn webp(bytes: &[u8]) -> Result<Vec<u8>, Faulty> {
    if part(bytes, 0, 4)? != b"RIFF" || part(bytes, 8, 4)? != b"WEBP" {
        return Err(Faulty::Broken);
    }
    let end = usize::try_from(little(part(bytes, 4, 4)?))
        .ok()
        .and_then(|size| size.checked_add(8))
        .filter(|end| *end <= bytes.len())
        .ok_or(Faulty::Broken)?;
    let mut body = Vec::with_capacity(end);
    let (mut at, mut drawn) = (12, false);
    while at < end {
        let kind = part(bytes, at, 4)?;
        let length = usize::try_from(little(part(bytes, at + 4, 4)?)).map_err(|_| Faulty::Broken)?;
        let contents = part(bytes, at + 8, length)?;
        let padded = length + length % 2;
        let whole = part(bytes, at, (padded + 8).min(end.saturating_sub(at)))?;
        at += padded + 8;
        match kind {
            b"VP8X" => {
                sized(
                    little(part(contents, 4, 3)?) + 1,
                    little(part(contents, 7, 3)?) + 1,
                )?;
                let mut told = whole.to_vec();
                // Without the flags for a colour profile, Exif and XMP.
                if let Some(flags) = told.get_mut(8) {
                    *flags &= !(0x20 | 0x08 | 0x04);
                }
                body.extend_from_slice(&told);
            }
            b"VP8 " => {
                sized(
                    little(part(contents, 6, 2)?) & 0x3FFF,
                    little(part(contents, 8, 2)?) & 0x3FFF,
                )?;
                drawn = true;
                body.extend_from_slice(whole);
            }
            b"VP8L" => {
                let size = little(part(contents, 1, 4)?);
                sized((size & 0x3FFF) + 1, ((size >> 14) & 0x3FFF) + 1)?;
                drawn = true;
                body.extend_from_slice(whole);
            }
            b"ANMF" => {
                drawn = true;
                body.extend_from_slice(whole);
            }
            b"ALPH" | b"ANIM" => body.extend_from_slice(whole),
            _ => {}
        }
    }
    if !drawn {
        return Err(Faulty::Broken);
    }
    let size = u32::try_from(body.len() + 4).map_err(|_| Faulty::Broken)?;
    let mut out = b"RIFF".to_vec();
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(b"WEBP");
    out.extend_from_slice(&body);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
        let mut all = vec![0xFF, marker];
        all.extend_from_slice(&u16::try_from(contents.len() + 2).unwrap().to_be_bytes());
        all.extend_from_slice(contents);
        all
    }

    fn photograph(width: u16, height: u16) -> Vec<u8> {
        let mut frame = vec![8];
        frame.extend_from_slice(&height.to_be_bytes());
        frame.extend_from_slice(&width.to_be_bytes());
        frame.push(1);
        let mut exif =
            b"Exif\0\0II*\0\x08\0\0\0\x02\0\x0F\x01\x02\0\x04\0\0\0GPS!\x12\x01\x03\0\x01\0\0\0".to_vec();
        exif.extend_from_slice(&[6, 0, 0, 0]);
        [
            vec![0xFF, 0xD8],
            segment(0xE0, b"JFIF\0rest"),
            segment(0xE1, &exif),
            segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0GPS!"),
            segment(0xE2, b"ICC_PROFILE\0GPS!"),
            segment(0xFE, b"GPS! was here"),
            segment(0xDB, &[0; 65]),
            segment(0xC0, &frame),
            segment(0xDA, &[1, 1, 0, 0, 63, 0]),
            vec![1, 2, 0xFF, 0x00, 3, 0xFF, 0xD0, 4],
            segment(0xC4, &[0xFF, 0xD9, 0xFF]),
            segment(0xDA, &[1, 1, 0, 0, 63, 0]),
            vec![5, 6],
            vec![0xFF, 0xD9],
            b"GPS! behind the end".to_vec(),
        ]
        .concat()
    }

    #[test]
    fn gen_11_a_photograph_loses_place_and_device_and_keeps_which_way_up() {
        let clean = jpeg(&photograph(40, 30)).unwrap();
        assert!(!clean.windows(4).any(|four| four == b"GPS!"));
        assert!(!clean.windows(4).any(|four| four == b"JFIF"));
        // Both scans stand, with the table between them that looks like an end.
        assert!(clean.windows(3).any(|three| three == [0xFF, 0xD9, 0xFF]));
        assert!(clean.ends_with(&[5, 6, 0xFF, 0xD9]));
        assert_eq!(orientation(&clean[6..]), Some(6));
        assert_eq!(jpeg(&clean).unwrap(), clean, "clean stays clean");
    }

    fn chunk(kind: &[u8; 4], contents: &[u8]) -> Vec<u8> {
        let mut all = u32::try_from(contents.len()).unwrap().to_be_bytes().to_vec();
        all.extend_from_slice(kind);
        all.extend_from_slice(contents);
        all.extend_from_slice(&[0; 4]);
        all
    }

    fn drawing(width: u32, height: u32) -> Vec<u8> {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", &header),
            chunk(b"tEXt", b"GPS!"),
            chunk(b"eXIf", b"GPS!"),
            chunk(b"iCCP", b"GPS!"),
            chunk(b"IDAT", b"data"),
            chunk(b"IEND", b""),
            b"GPS!".to_vec(),
        ]
        .concat()
    }

    #[test]
    fn gen_11_drawings_lose_their_texts() {
        let clean = png(&drawing(3, 3)).unwrap();
        assert!(!clean.windows(4).any(|four| four == b"GPS!"));
        assert!(clean.windows(4).any(|four| four == b"IDAT"));
        let part = |kind: &[u8; 4], contents: &[u8]| {
            [
                &kind[..],
                &u32::try_from(contents.len()).unwrap().to_le_bytes(),
                contents,
            ]
            .concat()
        };
        let body = [
            part(b"VP8X", &[0x2C, 0, 0, 0, 9, 0, 0, 9, 0, 0]),
            part(b"VP8L", &[0x2F, 9, 0, 0, 0, 1]),
            part(b"EXIF", b"GPS!"),
            part(b"XMP ", b"GPS!"),
        ]
        .concat();
        let size = u32::try_from(body.len() + 4).unwrap().to_le_bytes();
        let whole = [b"RIFF", &size[..], b"WEBP", &body].concat();
        let clean = webp(&whole).unwrap();
        assert!(!clean.windows(4).any(|four| four == b"GPS!"));
        assert_eq!(clean[20], 0);
    }

    #[test]
    fn attack_pictures_that_would_unpack_to_gigabytes_are_refused() {
        assert_eq!(png(&drawing(60_000, 60_000)), Err(Faulty::TooLarge));
        assert_eq!(jpeg(&photograph(65_000, 65_000)), Err(Faulty::TooLarge));
        assert_eq!(png(&drawing(0, 1)), Err(Faulty::Broken));
    }

    proptest! {
        #[test]
        fn attack_broken_pictures_are_refused_and_nothing_else_happens(
            cut in 0usize..250, place in 0usize..250, byte in any::<u8>()
        ) {
            for (mut bytes, clean) in [
                (photograph(40, 30), jpeg as fn(&[u8]) -> Result<Vec<u8>, Faulty>),
                (drawing(3, 3), png),
            ] {
                if let Some(one) = bytes.get_mut(place) {
                    *one = byte;
                }
                bytes.truncate(cut);
                if let Ok(clean) = clean(&bytes) {
                    prop_assert!(clean.len() <= bytes.len() + 40);
                }
                let _ = webp(&bytes);
            }
        }
    }
}
