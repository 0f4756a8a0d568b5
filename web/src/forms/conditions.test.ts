import { describe, expect, it } from 'vitest'
import type { Field } from '../api/types'
import { isAsked, isRequired, missing, toSend, unread } from './conditions'

const field = (key: string, more: Partial<Field> = {}): Field => ({
  key,
  title: key,
  kind: 'line',
  required: 'no',
  conditional: false,
  future: false,
  read_back: false,
  longest: 500,
  personal: false,
  ...more,
})

describe('fields of a form', () => {
  it('asks a conditional field only once a trial asks it', () => {
    const department = field('department', { conditional: true })
    expect(isAsked(department, undefined)).toBe(false)
    expect(isAsked(department, { asked: ['class'], required: [] })).toBe(false)
    expect(isAsked(department, { asked: ['class', 'department'], required: [] })).toBe(true)
    expect(isAsked(field('class'), undefined)).toBe(true)
    expect(isAsked(field('received_at', { given: 'received_at' }), undefined)).toBe(false)
  })

  it('needs what the trial requires, and never what is not asked', () => {
    const plan = field('plan', { required: 'conditional', conditional: true })
    const fields = [plan]
    expect(isRequired(plan, fields, {}, undefined)).toBe(false)
    expect(isRequired(plan, fields, {}, { asked: ['plan'], required: ['plan'] })).toBe(true)
    expect(isRequired(plan, fields, {}, { asked: [], required: ['plan'] })).toBe(false)
  })

  it('takes one of two fields joined by or, from either side', () => {
    const reply = field('reply', { required: 'yes', or: 'none_possible' })
    const reason = field('none_possible', { required: 'no' })
    const fields = [reply, reason]
    expect(missing(fields, {}, undefined)).toEqual(['reply'])
    expect(missing(fields, { none_possible: '号码停机' }, undefined)).toEqual([])
    const other = [field('a', { required: 'yes' }), field('b', { required: 'no', or: 'a' })]
    expect(missing(other, { b: 'x' }, undefined)).toEqual([])
  })

  it('counts blanks as empty', () => {
    expect(missing([field('words', { required: 'yes' })], { words: '  \n' }, undefined)).toEqual(['words'])
    expect(missing([field('n', { kind: 'number', required: 'yes' })], { n: 0 }, undefined)).toEqual([])
  })

  it('TEL-19: every read-back field with a value wants its tick', () => {
    const fields = [field('phone', { read_back: true }), field('place', { read_back: true }), field('note')]
    expect(unread(fields, { phone: '138', note: 'x' }, undefined)).toEqual(['phone'])
    expect(unread(fields, { phone: '138', place: '3栋', read_back: ['phone'] }, undefined)).toEqual(['place'])
    expect(toSend(fields, { phone: '138', read_back: ['phone', 'place'] }, undefined)).toEqual({ phone: '138', read_back: ['phone'] })
  })

  it('sends what is asked and filled, trimmed, without empty rows', () => {
    const fields = [
      field('class'),
      field('department', { conditional: true }),
      field('anonymous', { kind: 'flag' }),
      field('steps', { kind: 'rows', rows: [field('who'), field('what')] }),
    ]
    const input = { class: ' assist ', department: '12', anonymous: false, steps: [{ who: '李' }, { who: ' ' }] }
    expect(toSend(fields, input, { asked: ['class'], required: [] })).toEqual({ class: 'assist', anonymous: false, steps: [{ who: '李' }] })
  })

  it('sends files by their ids; names are kept only for the draft', () => {
    const letter = field('letter', { kind: 'files' })
    expect(toSend([letter], { letter: [{ id: '7', name: 'a.jpg' }] }, undefined)).toEqual({ letter: ['7'] })
    expect(toSend([letter], { letter: [] }, undefined)).toEqual({})
  })
})
