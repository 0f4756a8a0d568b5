//! Counting passed and failed tests from what the test programs print at their ends.

/// Tests counted so far, and the suites that failed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, among them those that took too long.
    pub failed: u64,
}

impl Tally {
    /// Looks at one printed line and counts if it is a closing line of nextest, of `cargo test`, of Vitest or
    /// of Playwright.
    pub fn read(&mut self, line: &str) {
        let line = plain(line);
        let line = line.trim();
        if let Some((_, rest)) = line
            .split_once(" tests run: ")
            .or_else(|| line.split_once(" test run: "))
        {
            // nextest: Summary [ 0.1s] 4 tests run: 2 passed (1 slow), 1 failed, 1 timed out, 3 skipped
            if line.starts_with("Summary") {
                for part in rest.split(", ") {
                    self.part(part);
                }
            }
        } else if let Some(rest) = line.strip_prefix("test result: ") {
            // cargo test: test result: FAILED. 2 passed; 1 failed; 0 ignored; …
            let counts = rest.split_once(". ").map_or(rest, |(_, counts)| counts);
            for part in counts.split("; ") {
                self.part(part);
            }
        } else if let Some(rest) = line.strip_prefix("Tests  ") {
            // Vitest: Tests  1 failed | 2 passed (3)
            for part in rest.split(" | ") {
                self.part(part);
            }
        } else if is_playwright(line) {
            // Playwright, one line each: 3 passed (4.2s); 1 failed; 1 flaky; 2 did not run
            self.part(line);
        }
    }

    /// Adds another tally.
    pub fn add(&mut self, other: &Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    fn part(&mut self, part: &str) {
        let part = part.trim();
        let Some((number, word)) = part.split_once(' ') else {
            return;
        };
        let Ok(number) = number.parse::<u64>() else { return };
        if word.starts_with("passed") {
            self.passed += number;
        } else if [
            "failed",
            "timed out",
            "exec failed",
            "flaky",
            "did not run",
            "interrupted",
        ]
        .iter()
        .any(|bad| word.starts_with(bad))
        {
            self.failed += number;
        }
    }
}

fn is_playwright(line: &str) -> bool {
    let Some((number, word)) = line.split_once(' ') else {
        return false;
    };
    let is_count = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let word = word.split_once(" (").map_or(word, |(word, _)| word);
    is_count && ["passed", "failed", "flaky", "did not run", "interrupted"].contains(&word)
}

/// The line without the colours a terminal would show.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            for c in chars.by_ref() {
                if c.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn tally(lines: &[&str]) -> (u64, u64) {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        (tally.passed, tally.failed)
    }

    #[test]
    fn counts_nextest() {
        let line = "     Summary [   0.005s] 6 tests run: 2 passed (1 slow, 1 leaky), 1 failed, 2 timed out, 1 exec failed, 9 skipped";
        assert_eq!(tally(&[line]), (2, 4));
        assert_eq!(
            tally(&["     Summary [   0.005s] 1 test run: 1 passed, 0 skipped"]),
            (1, 0)
        );
        assert_eq!(
            tally(&["     Summary [   1.0s] 3/4 tests run: 2 passed, 1 failed, 0 skipped"]),
            (2, 1)
        );
    }

    #[test]
    fn counts_cargo_test() {
        let line = "test result: FAILED. 2 passed; 1 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(
            tally(&[line, "test result: ok. 5 passed; 0 failed; 0 ignored"]),
            (7, 1)
        );
    }

    #[test]
    fn counts_vitest_in_colour_but_not_its_files() {
        let lines = [
            "\u{1b}[2m Test Files \u{1b}[22m \u{1b}[1m\u{1b}[32m2 passed\u{1b}[39m\u{1b}[22m (2)",
            "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m4 passed\u{1b}[39m (5)",
        ];
        assert_eq!(tally(&lines), (4, 1));
    }

    #[test]
    fn counts_playwright() {
        let lines = [
            "  1 failed",
            "    [desk] › e2e/a.spec.ts:3:1 › walks",
            "  1 flaky",
            "  2 skipped",
            "  3 passed (4.2s)",
        ];
        assert_eq!(tally(&lines), (3, 2));
    }

    #[test]
    fn leaves_other_lines_alone() {
        assert_eq!(
            tally(&[
                "12 tests run: 3 passed",
                "3 passed it on to others",
                "2 failed attempts"
            ]),
            (0, 0)
        );
    }
}
