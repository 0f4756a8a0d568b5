import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isSection, opens, parts, partsFor } from './sections'

describe('the parts of administration', () => {
  it('are apart: who sets the system up hands out no rights, who hands them out reads no records', () => {
    expect(partsFor(new Set(['manage_units', 'manage_settings', 'manage_outbox']))).toEqual(['units', 'outbox', 'system'])
    expect(partsFor(new Set(['manage_staff', 'grant_functions', 'manage_tokens', 'manage_sessions']))).toEqual(['people', 'rights', 'log_ins', 'tokens'])
    expect(opens('audit', new Set(['manage_staff']))).toBe(false)
    expect(partsFor(new Set())).toEqual([])
  })
  it('take no address for a part that is none', () => {
    expect(isSection('people')).toBe(true)
    expect(isSection('nobody')).toBe(false)
  })
  it('name only permissions that the server knows', () => {
    const known = readFileSync(join(import.meta.dirname, '../../../crates/server/src/permission.rs'), 'utf8')
    for (const part of parts) for (const need of part.needs) expect(known, need).toContain(`"${need}"`)
  })
})
