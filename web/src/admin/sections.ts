/** The parts of administration and which permission opens each; the server decides, this only says so beforehand. */
export type Section = 'people' | 'units' | 'rights' | 'log_ins' | 'tokens' | 'outbox' | 'accesses' | 'audit' | 'system'

interface Part {
  key: Section
  /** One of these permissions opens it. */
  needs: readonly string[]
}

export const parts: readonly Part[] = [
  { key: 'people', needs: ['manage_staff', 'grant_functions', 'manage_sessions', 'hand_over_work', 'read_audit'] },
  { key: 'units', needs: ['manage_units'] },
  { key: 'rights', needs: ['manage_staff', 'hand_over_work', 'read_audit'] },
  { key: 'log_ins', needs: ['manage_sessions', 'read_audit'] },
  { key: 'tokens', needs: ['manage_tokens'] },
  { key: 'outbox', needs: ['manage_outbox'] },
  { key: 'accesses', needs: ['read_audit'] },
  { key: 'audit', needs: ['read_audit'] },
  { key: 'system', needs: ['manage_settings', 'manage_outbox', 'import_data'] },
]

export const isSection = (value: unknown): value is Section => parts.some((part) => part.key === value)

/** Whether a person with these permissions may look at the part. */
export const opens = (section: Section, held: ReadonlySet<string>): boolean => parts.find((part) => part.key === section)?.needs.some((one) => held.has(one)) ?? false

/** The parts open to these permissions, in their order. */
export const partsFor = (held: ReadonlySet<string>): Section[] => parts.filter((part) => part.needs.some((one) => held.has(one))).map((part) => part.key)
