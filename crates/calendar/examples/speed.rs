//! How long one due time takes: `cargo run --release -p calendar --example speed`.
#![allow(clippy::print_stdout, reason = "a measurement is printed")]

use std::hint::black_box;
use std::time::Instant;

use calendar::{Calendar, DayRule, Holidays, Limit, Moment, WeeklyHours};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let hours = WeeklyHours::parse([("mon-fri", "08:30-12:00, 13:30-18:00"), ("sat", "09:00-12:00")])?;
    for zone in ["Asia/Shanghai", "America/New_York"] {
        let built = Instant::now();
        let unit = Calendar::builder()
            .zone_name(zone)
            .hours(hours.clone())
            .public_holidays(Holidays::china())
            .build()?;
        println!("{zone}: built in {:?}", built.elapsed());
        for text in [
            "72 hours",
            "15 workdays",
            "3 days",
            "1 month",
            "20 working hours",
            "closing next workday",
        ] {
            let limit: Limit = text.parse()?;
            let rounds = 1_000_000_i64;
            let begun = Instant::now();
            for round in 0..rounds {
                // Starts spread over 2004 to 2026.
                let start = Moment::from_millis(1_072_900_000_000 + round * 720_007);
                black_box(unit.due(black_box(start), &limit, &DayRule::default()));
            }
            println!(
                "  {text}: {:.0} ns",
                begun.elapsed().as_nanos() as f64 / rounds as f64
            );
        }
    }
    Ok(())
}
