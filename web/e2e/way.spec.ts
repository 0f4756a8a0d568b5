import { expect } from '@playwright/test'
import { begin, choose, logIn, person, pick, send, test } from './desk'
import { dark, fits, violations } from './pages'

test('a wrong password is told at its field, and nobody gets in', async ({ page }) => {
  await page.goto('/desk')
  await expect(page).toHaveURL(/\/login/)
  await page.getByLabel('工号').fill('agent1')
  await page.getByLabel('密码', { exact: true }).fill('not this one')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('密码')
  await expect(page).toHaveURL(/\/login/)
})

test('the queue opens its nearest case, and j and k walk through it', async ({ page }) => {
  await logIn(page, 'lead')
  await expect(page).toHaveURL(/\/desk\/\d+/)
  const first = page.url()
  await page.keyboard.press('j')
  await expect(page).not.toHaveURL(first)
  await page.keyboard.press('k')
  await expect(page).toHaveURL(first)
  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await expect(page).toHaveURL(/\/clauses/)
})

test('what is typed into an action stays as a draft until it is sent', async ({ page }) => {
  await logIn(page, 'agent1')
  await page.goto('/new/complaints/complaint')
  await page.locator('#new-case').getByLabel('投诉内容').fill('写到一半')
  await expect(page.getByText(/草稿已存/)).toBeVisible()
  await page.goto('/cases')
  await page.goto('/new/complaints/complaint')
  await expect(page.locator('#new-case').getByLabel('投诉内容')).toHaveValue('写到一半')
})

test('two people at once: the second is told who did what and keeps the draft', async ({ browser }) => {
  const agent = await person(browser, 'agent1')
  await agent.goto('/new/complaints/complaint')
  await agent.locator('#new-case').getByLabel('投诉人', { exact: true }).fill('钟灵')
  await agent.locator('#new-case').getByLabel('投诉内容').fill('大堂门禁失灵')
  await agent.getByRole('button', { name: /登记客户投诉/ }).click()
  await expect(agent).toHaveURL(/\/cases\/\d+/)
  const address = new URL(agent.url()).pathname

  const mine = await begin(agent, '记录被投诉方陈述')
  await mine.getByLabel('陈述人').fill('门岗')
  await mine.getByRole('textbox', { name: '陈述', exact: true }).fill('门禁主板返修')

  const lead = await person(browser, 'lead')
  await lead.goto(address)
  const classify = await begin(lead, '定性')
  await choose(classify, '投诉性质', '责任投诉')
  await classify.getByLabel('认定的事实').fill('主板损坏两天未换')
  await choose(classify, '等级', '一般')
  await pick(classify, '责任部门', '工程部')
  await send(classify)

  // The first page hears of it by itself, and nothing is sent over what the person has not seen
  await expect(mine.getByRole('status').filter({ hasText: '秦朗' })).toContainText('您的草稿还在')
  await mine.locator('button[type=submit]').click()
  await expect(mine.getByRole('alert')).toContainText('秦朗')
  await expect(mine.getByLabel('陈述人')).toHaveValue('门岗')
  await mine.getByRole('button', { name: '按新情况继续' }).click()
  await send(mine)
  await expect(agent.getByText('门禁主板返修')).toBeVisible()
})

test('every figure of the clause report opens down to its cases', async ({ page }) => {
  await logIn(page, 'service')
  await page.goto('/clauses?pack=complaints&from=2026-01-01')
  const figure = page.getByRole('table', { name: '条款履行报告' }).locator('td.c-kept a').first()
  const counted = Number((await figure.innerText()).replace(',', ''))
  await figure.click()
  const panel = page.getByRole('complementary')
  await expect(panel.getByRole('listitem').first()).toBeVisible()
  expect(await panel.getByRole('listitem').count()).toBe(Math.min(50, counted))
  await panel.getByRole('listitem').first().getByRole('link').click()
  await expect(page).toHaveURL(/\/cases\/\d+/)
})

test('English: the same screens speak English', async ({ page }) => {
  await logIn(page, 'agent2')
  await page.getByRole('button', { name: /苏晨/ }).click()
  await page.getByRole('radio', { name: 'English' }).click()
  await expect(page.getByRole('heading', { name: /My queue/ })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await page.getByRole('radio', { name: '简体中文' }).click()
  await expect(page.getByRole('heading', { name: /我的队列/ })).toBeVisible()
})

const pages: [string, string][] = [
  ['desk', '/desk'],
  ['new case', '/new/complaints/complaint'],
  ['cases', '/cases'],
  ['customers', '/customers'],
  ['search', '/search?q=%E7%94%B5%E6%A2%AF'],
  ['notices', '/notices?show=all'],
  ['call-backs', '/call-backs'],
  ['drawn call-backs', '/call-backs?of=drawn'],
  ['clause report', '/clauses?pack=complaints'],
  ['board', '/board'],
  ['regulation', '/regulation/complaints?clause=start'],
  ['procedures', '/regulation/complaints?tab=procedures'],
  ['phrases', '/regulation/complaints?tab=phrases'],
  ['forms', '/regulation/complaints?tab=forms'],
  ['working time', '/regulation/complaints?tab=time'],
  ['versions', '/regulation/complaints?tab=versions'],
  ['obligations', '/obligations'],
  ['imports', '/data'],
]
for (const [name, path] of pages) {
  for (const size of [
    { width: 1366, height: 640 },
    { width: 390, height: 844 },
  ]) {
    test(`${name} at ${size.width}: nothing too wide, no accessibility violation, light and dark`, async ({ page }) => {
      await page.setViewportSize(size)
      // The clause report has readers of its own
      await logIn(page, path.startsWith('/clauses') ? 'service' : 'agent1')
      await page.goto(path)
      await expect(page.getByRole('main')).toBeVisible()
      await page.waitForLoadState('load')
      await expect(page.locator('.loading')).toHaveCount(0)
      for (const on of [false, true]) {
        await dark(page, on)
        expect(await violations(page)).toEqual([])
      }
      await fits(page)
    })
  }
}

test('a case at 1366 and 390: no accessibility violation, light and dark', async ({ page }) => {
  await logIn(page, 'agent1')
  await page.goto('/cases')
  await page.getByRole('table').getByRole('link').first().click()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  for (const width of [1366, 390]) {
    await page.setViewportSize({ width, height: 640 })
    for (const tab of [/经过/, /受理单/, /附件/, /条款记录/]) {
      await page.getByRole('tab', { name: tab }).click()
      for (const on of [false, true]) {
        await dark(page, on)
        expect(await violations(page)).toEqual([])
      }
    }
    await fits(page)
  }
})
