#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A year's duties, one incident and one finding in a browser, over the console as it is installed, by the people in them:
matters.py BUILD [FOLDER for screenshots]. Ends with 77 where there is no Chromium.

A supervisor writes the incident down, the chief concludes it; the auditor's finding goes to its owner and back.
"""
import pathlib
import re
import shutil
import signal
import sys
import tempfile
import time

try:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select, WebDriverWait
    from walk import browser
except ImportError:
    sys.exit(77)

from programs import PASSWORD, Console, failed, ok

shots = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
HOSTILE = "<b>紛失</b> \"1234-5678-9018\" 123456789018"
MASKED = "<b>紛失</b> \"****-****-****\" ************"
WAIT = 120  # a machine may be slow; nothing is decided by it


class Person:
    """Somebody at the one browser, with cookies of their own: go() is whose turn it is."""
    at_it = None

    def __init__(self, driver, port, login):
        self.driver, self.port, self.login, self.cookies = driver, port, login, []

    def take_over(self):
        if Person.at_it:
            Person.at_it.cookies = self.driver.get_cookies()
        self.driver.delete_all_cookies()
        if self.cookies:
            self.driver.get(f"http://localhost:{self.port}/sign-in")  # a cookie is set where it belongs
            self.driver.delete_all_cookies()
        for cookie in self.cookies:
            self.driver.add_cookie(cookie)
        Person.at_it = self

    def go(self, path):
        if Person.at_it is not self:
            self.take_over()
        self.driver.get(f"http://localhost:{self.port}{path}")
        width, inner = self.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
        ok(f"{self.login}: {path} does not scroll sideways", width <= inner, f"{width} > {inner}")
        return self

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "main").text

    def has(self, css):
        return bool(self.driver.find_elements(By.CSS_SELECTOR, css))

    def shot(self, name):
        if shots:
            self.driver.save_screenshot(str(shots / f"matters-{name}.png"))

    def fill(self, form, **values):
        """The form's fields as a person fills them: choices by their value, dates as the browser holds them."""
        for name, value in values.items():
            field = self.driver.find_element(By.CSS_SELECTOR, f"{form} [name={name}]")
            if field.tag_name == "select":
                next(o for o in Select(field).options if o.get_attribute("value") == value).click()
            elif field.get_attribute("type") in ("date", "month", "datetime-local"):
                self.driver.execute_script("arguments[0].value = arguments[1]", field, value)
            else:
                if field.get_attribute("value"):
                    field.clear()
                field.send_keys(value)
        return self

    def send(self, form, button="button"):
        old = self.driver.find_element(By.TAG_NAME, "html")
        self.driver.find_element(By.CSS_SELECTOR, f"{form} {button}").click()
        WebDriverWait(self.driver, WAIT).until(lambda d: d.find_element(By.TAG_NAME, "html") != old)
        return self

    def sign_in(self):
        self.go("/sign-in?lang=ja")
        self.fill("form[action='/sign-in']", login=self.login, password=PASSWORD).send("form[action='/sign-in']")
        return self


def first_admin(driver, port, link):
    admin = Person(driver, port, "admin1").go(re.search(r"/link/\S+", link)[0])
    admin.fill("form[action='/link']", login="admin1", name="管理者", password=PASSWORD, again=PASSWORD).send("form[action='/link']")
    return admin.sign_in()


def person(admin, login, role):
    admin.go("/people").fill("form.filters[action='/people/add']", login=login, name=login, role=role).send("form.filters[action='/people/add']")
    link = re.search(r"/link/[A-Za-z0-9_-]+", admin.text())[0]
    who = Person(admin.driver, admin.port, login).go(link)
    who.fill("form[action='/link']", password=PASSWORD, again=PASSWORD).send("form[action='/link']")
    return who.sign_in()


def month_of(days):
    return time.strftime("%Y-%m", time.localtime(time.time() + days * 86400))


def duties(chief, supervisor, auditor):
    chief.go("/calendar")
    ok("nothing is planned at first", "この年度の予定はありません" in chief.text(), chief.text())
    chief.fill("#new", kind="3", what="USBメモリの棚卸 <i>全数</i>", months="1", month=month_of(0), lead="31", responsible="kato",
               subjects="税務課, 市民課").send("#new")
    ok("the chief plans a duty", "USBメモリの棚卸 <i>全数</i>" in chief.text() and not chief.has("main i"), chief.text())
    ok("the supervisor plans none", not supervisor.go("/calendar").has("#new"))
    supervisor.go("/")
    ok("who is responsible is told on the first page", supervisor.has("#duties") and "棚卸" in supervisor.text(), supervisor.text())
    ok("and so is the auditor", auditor.go("/").has("#duties"))
    path = supervisor.driver.find_element(By.CSS_SELECTOR, "#duties a").get_attribute("href")
    path = path[path.index("/calendar"):]
    ok("the auditor does not mark it as done", not auditor.go(path).has("#done"))
    supervisor.go(path).fill("#done", words=f"48本を確認した。\n{HOSTILE}").send("#done")
    ok("it is done, in words", "完了" in supervisor.text() and MASKED in supervisor.text() and not supervisor.has("#done"), supervisor.text())
    ok("the first page has nothing more of it", not supervisor.go("/").has("#duties"))
    for language in ("ja", "en"):
        auditor.go(f"/calendar?lang={language}")
        ok(f"the calendar says who did it ({language})", "kato" in auditor.text(), auditor.text())
        ok(f"at a glance, too ({language})", auditor.has("table.year .mark.good"))
        auditor.shot(f"calendar-{language}")
    auditor.go("/calendar?lang=ja")


def route(chief, supervisor):
    ok("the supervisor does not change the report route", not supervisor.go("/incidents/route").has("#step"))
    chief.go("/incidents/route").fill("#step", step="1", post="税務課長", name="加藤 一郎", contact="内線 2345", deputy="田中 花子",
                                      deputy_contact="123456789018").send("#step")
    ok("a contact that would be starred is not taken", "ハイフン" in chief.text(), chief.text())
    chief.fill("#step", step="1", post="税務課長", name="加藤 一郎", contact="内線 2345", deputy="田中 花子", deputy_contact="内線 2346").send("#step")
    ok("a step has a deputy and both have a contact", "内線 2346" in chief.text() and "田中 花子" in chief.text(), chief.text())


def incident(chief, supervisor, auditor):
    supervisor.go("/incidents").driver.find_element(By.LINK_TEXT, "事案の登録").click()
    ok("whom to call stands first", "内線 2345" in supervisor.text() and "まず" in supervisor.text(), supervisor.text())
    supervisor.shot("new")
    supervisor.fill("#open", what="USBメモリの紛失 <b>1本</b>", noticer="窓口の職員", facts=HOSTILE).send("#open")
    path = "/incident" + supervisor.driver.current_url.split("/incident")[1]
    ok("it is written down, and no number with it", "未報告" in supervisor.text() and MASKED in supervisor.text() and not supervisor.has("main b"),
       supervisor.text())
    for who in (chief, supervisor, auditor):
        ok(f"{who.login} is told on the first page", who.go("/").has("#incidents"), who.text())
    ok("nobody concludes it now", not chief.go(path).has("#close"))
    supervisor.go(path).fill("#report", to="1", about="総括責任者", words="電話で報告").send("#report")
    ok("it is reported", "報告済み" in supervisor.text() and "総括責任者" in supervisor.text(), supervisor.text())
    for kind, words in (("2", "返却時の確認漏れ"), ("3", "12人分、暗号化済み"), ("4", "使用停止とした"), ("5", "二人で確認する")):
        supervisor.fill("#words", kind=kind, words=words).send("#words")
    supervisor.fill("#thing", kind="8", about="USB-0007").send("#thing")
    chief.go(path)
    ok("a report to the Commission is missing", "個人情報保護委員会への報告（確報）" in chief.text() and not chief.has("#close"), chief.text())
    for to in ("2", "3"):
        chief.fill("#report", to=to, about="個人情報保護委員会", words="様式により報告").send("#report")
    ok("who wrote it down does not conclude it", not supervisor.go(path).has("#close"))
    ok("another person may", chief.go(path).has("#close"), chief.text())
    chief.shot("one")
    chief.fill("#close", words="再発防止策の実施を確認した").send("#close")
    ok("it is concluded", "終結" in chief.text() and not chief.has("#words"), chief.text())
    chief.shot("concluded")
    for words in (MASKED, "返却時の確認漏れ", "USB-0007", "再発防止策の実施を確認した"):
        ok(f"what was written stays: {words}", words in chief.text(), chief.text())
    ok("nobody is told of it any more", not supervisor.go("/").has("#incidents"))
    ok("the list says who concluded it", "chief1" in auditor.go("/incidents").text(), auditor.text())


def finding(chief, supervisor, auditor):
    ok("the chief finds nothing", not chief.go("/findings").has("#open"))
    yesterday = time.strftime("%Y-%m-%d", time.localtime(time.time() - 2 * 86400))
    auditor.go("/findings").fill("#open", audit="定期監査", owner="kato", due=yesterday, what=f"記録簿に空欄がある。\n{HOSTILE}").send("#open")
    ok("a finding is on record", MASKED in auditor.text() and "超過" in auditor.text(), auditor.text())
    for who in (chief, supervisor, auditor):
        ok(f"{who.login} is told that it is overdue", who.go("/").has("#findings"), who.text())
    supervisor.go("/").driver.find_element(By.CSS_SELECTOR, "#findings a").click()
    path = "/finding" + supervisor.driver.current_url.split("/finding")[1]
    ok("nothing is confirmed without proof", not auditor.go(path).has("#confirm"))
    ok("its auditor improves nothing", not auditor.has("#words option[value='2']"))
    supervisor.go(path).fill("#words", kind="1", words="様式を改めた").send("#words")
    supervisor.fill("#words", kind="2", words="全件を点検した").send("#words")
    ok("the owner does not confirm it", "確認待ち" in supervisor.text() and not supervisor.has("#confirm"), supervisor.text())
    auditor.go(path).fill("#confirm", words="1件が空欄のまま").send("#confirm", "button[value='0']")
    ok("it goes back", "差し戻し" in auditor.text() and not auditor.has("#confirm"), auditor.text())
    supervisor.go(path).fill("#words", kind="2", words="残る1件を補記した").send("#words")
    auditor.go(path).shot("finding")
    auditor.fill("#confirm", words="原本を確認した").send("#confirm", "button[value='1']")
    ok("and is confirmed", "改善確認済み" in auditor.text() and not auditor.has("#words"), auditor.text())
    ok("nobody is told any more", not any(who.go("/").has("#findings") for who in (chief, supervisor, auditor)))


def walk(console, profile):
    server = console.serve()
    driver = browser(profile, 1280, 720, 1)
    try:
        port, link = int(server.stdout.readline().rsplit(":", 1)[1]), server.stdout.readline()
        admin = first_admin(driver, port, link)
        made = [person(admin, login, role) for login, role in (("chief1", "chief"), ("kato", "supervisor"), ("auditor1", "auditor"))]
        for path in ("/calendar", "/incidents", "/findings"):
            ok(f"{path} is no matter of who administers", "許可されていません" in admin.go(path).text() or not admin.has("main .tabs"), admin.text())
        duties(*made)
        route(made[0], made[1])
        incident(*made)
        finding(*made)
    finally:
        driver.quit()
        server.send_signal(signal.SIGTERM)
        out, _ = server.communicate(timeout=WAIT)
    ok("the console ends as it should", server.returncode == 0, out)


def main():
    if not shutil.which("chromedriver"):
        return 77
    with tempfile.TemporaryDirectory() as d:
        console = Console(pathlib.Path(d) / "data")
        walk(console, f"{d}/browser")
        own = next((console.data / "own" / "ledger").glob("console/*/records.jsonl"))
        acts = own.read_text()
        verbs = set(re.findall(r'"verb":"([a-z-]+)"', acts))
        wanted = {"duty", "duty-done", "route", "incident", "incident-entry", "incident-closed", "finding", "finding-entry", "finding-back",
                  "finding-confirmed"}
        ok("each act stands in the console's own ledger", wanted <= verbs, wanted - verbs)
        ok("with its words", "再発防止策の実施を確認した" in acts and "全件を点検した" in acts and "総括責任者" in acts)
        files = [f for f in console.data.rglob("*") if f.is_file()]
        ok("and no Individual Number in any file", not any(b"123456789018" in f.read_bytes() or b"1234-5678-9018" in f.read_bytes() for f in files))
        r = console.run_import(own.parent.parent)
        ok("it verifies as everybody's does", r.returncode == 0 and "(verified)" in r.stdout, r)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
