/** The figures of `/metrics` that a person looks at, out of Prometheus' text. */
export interface Figure {
  key: 'events' | 'sealed' | 'lag' | 'waiting' | 'failed' | 'listeners' | 'memory'
  value: number
  bad: boolean
}

const NAMES: [Figure['key'], string][] = [
  ['events', 'shouwen_store_events_total'],
  ['sealed', 'shouwen_sealed_position'],
  ['lag', 'shouwen_timer_lag_seconds'],
  ['waiting', 'shouwen_store_waiting'],
  ['failed', 'shouwen_store_failed_total'],
  ['listeners', 'shouwen_live_listeners'],
  ['memory', 'process_resident_memory_bytes'],
]

/** A figure without labels by its name; none where it is not told. */
function figure(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}(?:\\{[^}]*\\})?\\s+([0-9.eE+-]+)\\s*$`, 'm').exec(text)
  const value = Number(found?.[1])
  return found && Number.isFinite(value) ? value : undefined
}

/** What is told, and whether it asks for someone: reminders more than a minute late, commits that failed. */
export function figuresOf(text: string): Figure[] {
  return NAMES.flatMap(([key, name]) => {
    const value = figure(text, name)
    if (value === undefined) return []
    return [{ key, value, bad: (key === 'lag' && value > 60) || (key === 'failed' && value > 0) }]
  })
}
