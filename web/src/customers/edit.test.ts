import { describe, expect, it } from 'vitest'
import type { Customer } from '../api/types'
import { changeOf, differing, formOf, meet, tagsOf } from './edit'

const view = {
  id: '1',
  version: 3,
  name: '沈立群',
  kind: 'person',
  numbers: [{ no: 1, kind: 'phone', masked: '139****2207', has_extension: false, label: '主号' }],
  places: [{ label: '自住', area: '', building: '9栋', unit: '2单元', room: '1102', text: '', line: '9栋2单元1102' }],
  relations: [
    { customer: '7', name: '周雅萍', kind: 'spouse', title: '配偶', note: '', stated_there: false },
    { customer: '8', name: '何俊', kind: 'neighbour', title: '邻居', note: '', stated_there: true },
  ],
  services: [],
  tags: ['投资户'],
  needs: '',
  preferences: '微信先问',
  notes: '',
} as unknown as Customer

describe('a customer as a form', () => {
  it('sends only what was changed', () => {
    const after = { ...formOf(view), preferences: '再打电话' }
    expect(changeOf(formOf(view), after)).toEqual({ preferences: '再打电话' })
  })
  it('GEN-12: a number seen masked is kept by its place, and a new one is typed in full', () => {
    const after = formOf(view)
    after.numbers.push({ kind: 'phone', number: ' 18600005513 ', masked: '', label: '妻子在用' })
    expect(changeOf(formOf(view), after).numbers).toEqual([
      { no: 1, kind: 'phone', number: undefined, label: '主号' },
      { no: undefined, kind: 'phone', number: '18600005513', label: '妻子在用' },
    ])
  })
  it('leaves out what is empty, and relations that another states', () => {
    const after = formOf(view)
    expect(after.relations.map((one) => one.customer)).toEqual(['7'])
    after.places.push({ label: '出租', area: '', building: '', unit: '', room: ' ', text: '' })
    expect(changeOf(formOf(view), after).places).toHaveLength(1)
  })
  it('two edits: what only the other changed is taken over, what both changed is asked', () => {
    const base = formOf(view)
    const mine = { ...base, notes: '怕狗', preferences: '晚上八点后不打' }
    const theirs = { ...base, tags: ['投资户', '租出一套'], preferences: '只发短信' }
    const met = meet(base, mine, theirs)
    expect(met.form.tags).toEqual(['投资户', '租出一套'])
    expect(met.form.notes).toBe('怕狗')
    expect(met.conflicts).toEqual([{ field: 'preferences', mine: '晚上八点后不打', theirs: '只发短信' }])
  })
  it('two edits that say the same are none', () => {
    const base = formOf(view)
    const both = { ...base, needs: '行动不便' }
    expect(meet(base, both, both).conflicts).toEqual([])
    expect(differing(base, both)).toEqual(['needs'])
  })
  it('tags are typed with any comma, each once', () => {
    expect(tagsOf('投资户，微信为主、投资户; ')).toEqual(['投资户', '微信为主'])
  })
})
