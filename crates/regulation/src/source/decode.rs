//! Bytes of a file to text: UTF-8 only, with a remedy for what editors on Chinese Windows write instead.

use super::files::normalised;
use super::{Mistake, Place, Said};

/// The text of a file, without byte-order mark and with line ends `\n`.
///
/// # Errors
/// The bytes are not UTF-8: the mistake says whether they look like GBK or UTF-16, and points at the first bad one.
pub fn decode(file: &str, bytes: &[u8]) -> Result<String, Box<Mistake>> {
    let remedy = Said::new(
        "请在编辑器中另存为 UTF-8 编码（记事本：另存为 → 编码 → UTF-8）",
        "Save it as UTF-8 in your editor (Notepad: Save as → Encoding → UTF-8)",
    );
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let reason = Said::new("文件是 UTF-16 编码", "The file is encoded in UTF-16");
        return Err(Box::new(Mistake::new(
            Place::start_of(file),
            "encoding.utf16",
            reason,
            remedy,
        )));
    }
    let problem = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(normalised(text)),
        Err(problem) => problem,
    };
    let good = std::str::from_utf8(&bytes[..problem.valid_up_to()]).unwrap_or_default();
    let line = good.matches('\n').count() + 1;
    let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let place = Place::new(
        file,
        u32::try_from(line).unwrap_or(u32::MAX),
        u32::try_from(column).unwrap_or(u32::MAX),
    );
    let (text, malformed) = encoding_rs::GBK.decode_without_bom_handling(bytes);
    if malformed || text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        let reason = Said::new("文件不是 UTF-8 文本", "The file is not UTF-8 text");
        return Err(Box::new(Mistake::new(place, "encoding.not_utf8", reason, remedy)));
    }
    let shown: String = text
        .lines()
        .nth(line - 1)
        .unwrap_or_default()
        .trim()
        .chars()
        .take(20)
        .collect();
    let reason = Said::new(
        format!("文件是 GBK 编码，不是 UTF-8（此行读作“{shown}”）"),
        format!("The file is encoded in GBK, not UTF-8 (this line reads \"{shown}\")"),
    );
    Err(Box::new(Mistake::new(place, "encoding.gbk", reason, remedy)))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn utf8_is_taken_with_or_without_a_byte_order_mark() {
        assert_eq!(
            decode("a.yaml", "标题: 一\r\n二".as_bytes()).unwrap(),
            "标题: 一\n二"
        );
        assert_eq!(decode("a.yaml", b"\xEF\xBB\xBFa: 1").unwrap(), "a: 1");
    }

    #[test]
    fn gbk_is_recognised_and_refused_at_its_first_byte() {
        let (bytes, _, _) = encoding_rs::GBK.encode("a: 1\ntitle: 客户投诉\n");
        let mistake = decode("a.yaml", &bytes).unwrap_err();
        assert_eq!(
            (mistake.code, mistake.place.line, mistake.place.column),
            ("encoding.gbk", 2, 8)
        );
        assert!(
            mistake.reason.zh.contains("客户投诉") && mistake.remedy.en.contains("UTF-8"),
            "{mistake}"
        );
    }

    #[test]
    fn other_bytes_are_refused() {
        assert_eq!(decode("a", b"\xFF\xFEa\0").unwrap_err().code, "encoding.utf16");
        assert_eq!(
            decode("a", b"x\n\xFF\xFF\x00").unwrap_err().code,
            "encoding.not_utf8"
        );
    }
}
