//! A time zone laid out as a table, so that the hot path is a comparison and an addition.

use jiff::Timestamp;

use crate::civil::{DAY_MS, clamp_day};
use crate::{Moment, Zone};

/// From `from` on the wall shows UTC + `offset`.
#[derive(Debug, Clone, Copy)]
struct Segment {
    from: i64,
    offset: i64,
}

/// All changes of offset until the year 2200; later times keep the last offset.
#[derive(Debug, Clone)]
pub(crate) struct ZoneTable {
    segments: Vec<Segment>,
    /// From here on (local and UTC alike, two days of margin) only the last offset matters.
    settled: i64,
    last_offset: i64,
}

const HORIZON: i64 = 7_258_118_400_000; // 2200-01-01T00:00Z

impl ZoneTable {
    pub(crate) fn new(zone: &Zone) -> Self {
        let offset_ms = |seconds: i32| i64::from(seconds) * 1_000;
        let first = offset_ms(zone.to_offset(Timestamp::MIN).seconds());
        let mut segments = vec![Segment {
            from: i64::MIN,
            offset: first,
        }];
        let mut last_offset = first;
        for change in zone.following(Timestamp::MIN) {
            let from = change.timestamp().as_millisecond();
            if from >= HORIZON {
                break;
            }
            let offset = offset_ms(change.offset().seconds());
            // Changes of name or of the summer flag alone do not move the wall clock.
            if offset != last_offset {
                segments.push(Segment { from, offset });
                last_offset = offset;
            }
        }
        let settled = match segments.last() {
            Some(last) if segments.len() > 1 => last.from + 2 * DAY_MS,
            _ => i64::MIN,
        };
        Self {
            segments,
            settled,
            last_offset,
        }
    }

    /// Moments at which the wall clock jumps.
    pub(crate) fn jumps(&self) -> impl Iterator<Item = i64> + '_ {
        self.segments.iter().skip(1).map(|segment| segment.from)
    }

    fn offset_at(&self, utc: i64) -> i64 {
        if utc >= self.settled {
            return self.last_offset;
        }
        let after = self.segments.partition_point(|segment| segment.from <= utc);
        self.segments
            .get(after.saturating_sub(1))
            .map_or(self.last_offset, |segment| segment.offset)
    }

    /// What the wall shows, in milliseconds since 1970 local time.
    pub(crate) fn wall(&self, moment: Moment) -> i64 {
        moment
            .as_millis()
            .saturating_add(self.offset_at(moment.as_millis()))
    }

    /// The moment at which the wall shows `millis` on `day`. A time the clock jumps over is the moment of the jump, a
    /// time that comes twice is the first; so later wall times never come out earlier.
    pub(crate) fn moment(&self, day: i64, millis: i64) -> Moment {
        let local = day * DAY_MS + millis;
        if local >= self.settled {
            return Moment::from_millis(local - self.last_offset);
        }
        let count = self.segments.len();
        // The first segment whose local end lies after `local`.
        let mut low = 0;
        let mut high = count - 1;
        while low < high {
            let middle = (low + high) / 2;
            let end = self.segments[middle + 1].from + self.segments[middle].offset;
            if local < end {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let segment = self.segments[low];
        Moment::from_millis((local - segment.offset).max(segment.from))
    }

    /// Start of a day, the first moment of its date.
    pub(crate) fn start_of_day(&self, day: i64) -> Moment {
        self.moment(day, 0)
    }

    /// The day a moment belongs to: it starts at or before it, and the next one after it.
    pub(crate) fn day(&self, moment: Moment) -> i64 {
        let day = clamp_day(self.wall(moment).div_euclid(DAY_MS));
        if moment.as_millis() >= self.settled {
            return day;
        }
        // A clock set back across midnight shows the same date in two pieces.
        if moment >= self.start_of_day(day + 1) {
            clamp_day(day + 1)
        } else if moment < self.start_of_day(day) {
            clamp_day(day - 1)
        } else {
            day
        }
    }
}
