import { describe, expect, it } from 'vitest'
import { wishOf } from './mapping'

describe('the columns of a file', () => {
  it('are named by what they hold, those that hold nothing left out', () => {
    expect(wishOf(['姓名', '备用', '电话'], ['name', '', 'phone'], '')).toEqual({ columns: { 姓名: 'name', 电话: 'phone' } })
  })
  it('of cases say by which procedure', () => {
    expect(wishOf(['内容'], ['matter'], 'complaints.complaint')).toEqual({ columns: { 内容: 'matter' }, pack: 'complaints', procedure: 'complaint' })
  })
})
