//! What a process used, as Linux counts it under `/proc`.

use std::time::Duration;

use anyhow::Context;

/// Linux counts processor time for user space in hundredths of a second, whatever the kernel's own tick is.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of a process so far, user and system; `None` is this process.
pub fn cpu(process: Option<u32>) -> anyhow::Result<Duration> {
    let text = read(process, "stat")?;
    // The name of the program stands in brackets and may hold anything; the fields follow the last bracket.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok());
    let (user, system) = (ticks(11), ticks(12));
    let ticks = user.zip(system).map(|(user, system)| user + system);
    Ok(TICK * ticks.context("/proc/…/stat has another shape than expected")?)
}

/// Memory of a process that really lies in memory, in MB; `with_files` counts pages of mapped files too, which the
/// system takes back when others need them.
pub fn resident_mb(process: u32, with_files: bool) -> anyhow::Result<f64> {
    let key = if with_files { "VmRSS:" } else { "RssAnon:" };
    let text = read(Some(process), "status")?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .context("/proc/…/status without memory")?;
    let kilobytes: f64 = line
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()
        .context("/proc/…/status")?;
    Ok(kilobytes / 1024.0)
}

fn read(process: Option<u32>, file: &str) -> anyhow::Result<String> {
    let process = process.map_or_else(|| "self".to_owned(), |id| id.to_string());
    let path = format!("/proc/{process}/{file}");
    std::fs::read_to_string(&path)
        .with_context(|| format!("{path} (figures of processor and memory need Linux)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_counted() {
        let before = cpu(None).unwrap();
        let (mut sum, begun) = (0_u64, std::time::Instant::now());
        while begun.elapsed() < Duration::from_millis(80) {
            sum = sum.wrapping_mul(31).wrapping_add(7);
        }
        assert_ne!(sum, 1);
        assert!(cpu(None).unwrap() > before);
    }

    #[test]
    fn mapped_files_only_add() {
        let process = std::process::id();
        assert!(resident_mb(process, true).unwrap() >= resident_mb(process, false).unwrap());
    }
}
