//! Invented hotline messages in the shape of the public file: where no real one is given.

use std::fmt::Write;

/// Rows in the public file, so that "fifty times" means the same amount of work.
const ROWS: usize = 2_816;

const SENTENCES: [&str; 6] = [
    "我们小区北门的路灯已经坏了两个多星期，晚上出门看不清路面，",
    "多次向物业反映都说正在等配件，至今没有人告诉我们什么时候能修好，",
    "附近还有一所小学，每天放学的时候车辆乱停，孩子过马路很不安全，",
    "希望有关部门到现场看一看，给大家一个明确的答复和办理的时间，",
    "去年冬天也发生过同样的问题，当时临时处理了一下，没有从根本上解决，",
    "如果需要居民配合出具材料，我们愿意马上提供，请尽快安排。",
];

/// Numbers that look drawn and are always the same.
fn drawn(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33
}

fn text(seed: u64, least: u64, spread: u64) -> String {
    let length = usize::try_from(least + drawn(seed) % spread).unwrap_or(0);
    let sentences = (0..).map(|at| SENTENCES[usize::try_from(drawn(seed + at) % 6).unwrap_or(0)]);
    sentences.flat_map(str::chars).take(length).collect()
}

/// The file: details of 300 characters and replies of 500 in the middle, times in 2018 and 2019.
pub fn csv() -> String {
    let mut file = String::from("id,user,subject,received_at,detail,reply,replied_at\n");
    for row in 0..ROWS as u64 {
        let (day, hours) = (drawn(row) % 700, 1 + drawn(row * 7 + 3) % 700);
        let received = format!(
            "{}-{:02}-{:02} {:02}:{:02}:00",
            2018 + day / 350,
            day % 350 / 30 + 1,
            day % 28 + 1,
            row % 24,
            row % 60
        );
        // A month later at most: always a day that exists, always after the message.
        let (days, hour) = (day % 28 + 1 + hours / 24, row % 24);
        let month = day % 350 / 30 + 1 + days / 29;
        let replied = format!(
            "{}-{:02}-{:02} {hour:02}:{:02}:30",
            2018 + day / 350 + (month - 1) / 12,
            (month - 1) % 12 + 1,
            days % 28 + 1,
            row % 60
        );
        let _ = writeln!(
            file,
            "{row},U{:08},{},{received},{},{},{}",
            drawn(row) % 100_000_000,
            text(row * 31 + 1, 8, 20),
            text(row * 31 + 2, 100, 400),
            text(row * 31 + 3, 200, 600),
            if replied > received { &replied } else { &received },
        );
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_seven_cells_and_is_answered_after_it_came() {
        let file = csv();
        let rows: Vec<Vec<&str>> = file
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect())
            .collect();
        assert_eq!(rows.len(), ROWS);
        for row in rows {
            assert_eq!(row.len(), 7, "{row:?}");
            assert!(row[6] >= row[3], "{row:?}");
        }
    }
}
