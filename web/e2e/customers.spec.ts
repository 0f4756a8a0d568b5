import { expect, type Page } from '@playwright/test'
import { logIn, person, test } from './desk'
import { dark, fits, violations } from './pages'

/** A customer of one's own for a walk, made through the API the page uses. */
async function customer(page: Page, name: string, about: object = {}): Promise<string> {
  const csrf = (await (await page.request.get('/api/session')).json()).csrf as string
  const answer = await page.request.post('/api/customers', { data: { name, about }, headers: { 'x-csrf-token': csrf } })
  expect(answer.status()).toBe(201)
  return (await answer.json()).id as string
}

test('GEN-12: a customer is found by the end of a number, by initials and by name', async ({ page }) => {
  await logIn(page, 'service')
  await customer(page, '宁采薇', { numbers: [{ number: '13577714042' }] })
  await page.goto('/customers')
  const field = page.getByRole('searchbox')
  for (const words of ['4042', 'ncw', '宁采']) {
    await field.fill(words)
    await expect(async () => {
      await field.press('Enter')
      await expect(page.getByRole('link', { name: '宁采薇' }).first()).toBeVisible({ timeout: 2000 })
    }).toPass()
  }
  await field.fill('没有这个人')
  await expect(page.getByText('没有匹配的客户')).toBeVisible()
  expect(await violations(page)).toEqual([])
})

test('GEN-11: a number is seen in full with a reason, and the look is written down', async ({ page }) => {
  await logIn(page, 'service')
  const id = await customer(page, '关山月', { numbers: [{ number: '13588820001', label: '主号' }] })
  await page.goto(`/customers/${id}`)
  await expect(page.getByText('135****0001')).toBeVisible()
  await page.getByRole('button', { name: '显示完整电话' }).click()
  await page.getByRole('radio', { name: '核对身份' }).check()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: '查看', exact: true }).click()
  await expect(page.getByText('13588820001')).toBeVisible()
  await expect(page.getByText(/沈静看了.*核对身份/)).toBeVisible()
})

test('two people change one customer: what does not meet is joined, what meets is chosen', async ({ browser }) => {
  const one = await person(browser, 'agent1')
  const id = await customer(one, '燕北归', { preferences: '电话联系', numbers: [{ number: '13588820002' }] })
  await one.goto(`/customers/${id}`)
  await one.getByRole('button', { name: /修改/ }).click()
  const form = one.getByRole('dialog')
  await form.getByLabel('偏好').fill('晚上八点后不打')
  await form.getByRole('textbox', { name: '备注', exact: true }).last().fill('怕狗')

  const other = await person(browser, 'agent2')
  await other.goto(`/customers/${id}`)
  await other.getByRole('button', { name: /修改/ }).click()
  const theirs = other.getByRole('dialog')
  await theirs.getByLabel('偏好').fill('只发短信')
  await theirs.getByLabel('标签').fill('投资户，租出一套')
  await theirs.getByRole('button', { name: /存下修改/ }).click()
  await expect(theirs).toBeHidden()

  await form.getByRole('button', { name: /存下修改/ }).click()
  const choice = form.getByRole('region', { name: '您和别人都改了' })
  await expect(choice).toContainText('晚上八点后不打')
  await expect(choice).toContainText('只发短信')
  expect(await violations(one)).toEqual([])
  await choice.getByRole('button', { name: '用我的' }).click()
  await expect(form.getByLabel('标签')).toHaveValue(/租出一套/)
  await form.getByRole('button', { name: /存下修改/ }).click()
  await expect(form).toBeHidden()
  await expect(one.getByText('晚上八点后不打')).toBeVisible()
  await expect(one.getByText('怕狗')).toBeVisible()
  await expect(one.getByText('租出一套')).toBeVisible()
})

test('GEN-12: two records of one person stand side by side and become one', async ({ page }) => {
  await logIn(page, 'service')
  const kept = await customer(page, '司马相', { numbers: [{ number: '13588820003' }], notes: '住三栋' })
  const other = await customer(page, '司马相', { numbers: [{ number: '13588820003' }, { number: '13588820004' }], notes: '老客户' })
  await page.goto(`/customers/${kept}`)
  await page.getByRole('button', { name: '并排比较' }).first().click()
  const sheet = page.getByRole('dialog', { name: '合并客户' })
  await expect(sheet.getByRole('row', { name: /备注/ })).toContainText('老客户')
  expect(await violations(page)).toEqual([])
  await sheet.getByLabel('为什么是同一人').fill('同名同号，本人确认')
  await sheet.getByRole('button', { name: /合并为/ }).click()
  await expect(sheet).toBeHidden()
  await expect(page.getByText('135****0004')).toBeVisible()
  await page.goto(`/customers/${other}`)
  await expect(page.getByText('已并入这条记录')).toBeVisible()
})

test('GEN-11: everything held of a person is shown and given as a file; erasure says first what goes', async ({ page }) => {
  await logIn(page, 'service')
  const id = await customer(page, '归去来', { numbers: [{ number: '13588820005' }] })
  await page.goto(`/customers/${id}`)
  await page.getByRole('button', { name: '个人信息请求' }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel(/本人的请求/).fill('本人来电，已核对身份')
  await sheet.getByRole('button', { name: '列出持有的全部信息' }).click()
  await expect(sheet.locator('pre')).toContainText('13588820005')
  const file = page.waitForEvent('download')
  await sheet.getByRole('button', { name: '存为文字' }).click()
  expect((await file).suggestedFilename()).toBe(`${id}.txt`)
  await sheet.getByRole('button', { name: '看看能删什么' }).click()
  await expect(sheet).toContainText('客户记录1条')
  expect(await violations(page)).toEqual([])
  await expect(sheet.getByRole('button', { name: '删除个人信息' })).toBeDisabled()
  await sheet.getByLabel(/确认/).fill('归去来')
  await sheet.getByRole('button', { name: '删除个人信息' }).click()
  await expect(page).toHaveURL(/\/customers$/)
})

test('markup, emoji, right-to-left letters and sixty characters in every field are shown as text', async ({ page }) => {
  await logIn(page, 'service')
  const wild = '<img src=x onerror=alert(1)>😀 مرحبا'
  const long = '滨江新区澄园业主委员会筹备组暨环境改善与停车管理联合议事会全体委员代表处临时办公室设在三栋一层东侧物业服务中心旁边的会议室内'
  test.setTimeout(180_000)
  let ran = false
  page.on('dialog', (dialog) => {
    ran = true
    void dialog.dismiss()
  })
  for (const name of [wild, long]) {
    const place = { area: name, building: name, room: name, label: name.slice(0, 20) }
    const id = await customer(page, name, { numbers: [{ number: '13588820006', label: name.slice(0, 20) }], places: [place], tags: [name.slice(0, 20)], preferences: name, needs: name, notes: name, services: [{ kind: 'service', what: name, at: '2026-01-01T00:00:00Z', note: name }] })
    for (const size of [
      { width: 1366, height: 640 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(size)
      await page.goto(`/customers/${id}`)
      await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
      await expect(page.locator('main img')).toHaveCount(0)
      await fits(page)
      await dark(page, size.width < 800)
      expect(await violations(page)).toEqual([])
    }
  }
  expect(ran).toBe(false)
})

test('a case begun from a customer is theirs, and the same matter is hinted while typing', async ({ page }) => {
  await logIn(page, 'agent1')
  const id = await customer(page, '陆放翁', { numbers: [{ number: '13588820007' }] })
  await page.goto(`/customers/${id}`)
  await page.getByRole('main').getByRole('button', { name: /新建事项/ }).click()
  await expect(page.locator('#new-case')).toContainText('陆放翁')
  await page.locator('#new-case').getByLabel('投诉内容').fill('昨晚起电梯运行时异响、抖动')
  const hint = page.getByRole('region', { name: '可能是同一件事' })
  await expect(hint.getByRole('link').first()).toContainText('电梯')
  expect(await violations(page)).toEqual([])
  await page.locator('#new-case').getByLabel('投诉内容').fill('')
})
