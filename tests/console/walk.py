#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A browser walks every page in both languages: walk.py BINARIES [FOLDER for screenshots]. Ends with 77 where there is
no Chromium."""
import pathlib
import shutil
import sys
import tempfile

from story import DUTY, Office
from web import Web

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    sys.exit(77)

binary = pathlib.Path(sys.argv[1]) / "console-web"
shots = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
PAGES = ["/", "/media", "/checkouts?state=all", "/history", "/terminals", "/terminal?id=T-104", "/record?id=206158430225",
         "/people", "/review", "/review/period?plan=1&from=20000", "/review/hit?id=0000000000000003&plan=1&from=20000", "/reports",
         "/report/review", "/report/media", "/report/carry-out", "/report/handling", "/report/survey", "/report/disposal",
         "/report/incident", "/report/incident?id=1", "/report/card",
         "/report/disposal?medium=USB-0008", "/calendar", "/calendar?year=2024",
         f"/calendar/duty?duty=4&from={DUTY}", "/calendar/notice", "/incidents", "/incident?id=1",
         "/incident/new", "/incidents/route", "/findings", "/finding?id=4", "/me"]
failed = 0


def ok(claim, good, seen=""):
    global failed
    failed += not good
    if not good:
        print(f"not ok {claim}: {seen}", flush=True)


def browser(profile, width, height, scale):
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
                     f"--window-size={width},{height}", f"--force-device-scale-factor={scale}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)


def fits(driver, what):
    width, inner = driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    ok(f"{what} does not scroll sideways", width <= inner, f"{width} > {inner}")


def sign_in(driver, web, language):
    driver.get(f"http://localhost:{web.port}/sign-in?lang={language}")
    driver.find_element(By.NAME, "login").send_keys("auditor1")
    driver.find_element(By.NAME, "password").send_keys(web.office.password + Keys.ENTER)
    WebDriverWait(driver, 20).until(lambda d: "/sign-in" not in d.current_url)
    ok("signing in leads to the first page", driver.current_url.endswith(f":{web.port}/"), driver.current_url)


def walk(driver, web, language, label):
    sign_in(driver, web, language)
    for i, path in enumerate(PAGES):
        driver.get(f"http://localhost:{web.port}{path}")
        what = f"{label} {language} {path}"
        fits(driver, what)
        ok(f"{what} is in its language", driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == language)
        ok(f"{what} has one heading", len(driver.find_elements(By.TAG_NAME, "h1")) == 1)
        complaints = [x["message"] for x in driver.get_log("browser")]
        ok(f"{what}: the browser has nothing to complain of", not complaints, complaints)
        if shots:
            driver.save_screenshot(str(shots / f"{label}-{language}-{i}.png"))


def keyboard(driver, web):
    driver.get(f"http://localhost:{web.port}/")
    body = driver.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    focus = driver.switch_to.active_element
    ok("the first stop leads to the content", focus.get_attribute("href").endswith("#content"), focus.text)
    outlines, menu = [], []
    for _ in range(14):
        focus = driver.switch_to.active_element
        outlines.append(driver.execute_script("return getComputedStyle(arguments[0]).outlineStyle", focus))
        if focus.find_elements(By.XPATH, "ancestor::nav"):
            menu.append(focus.text)
        focus.send_keys(Keys.TAB)
    ok("where the keyboard stands is seen", set(outlines) == {"solid"}, outlines)
    ok("the navigation is reached by keyboard", len(menu) >= 5, menu)


def search(driver, web):
    driver.get(f"http://localhost:{web.port}/history")
    driver.find_element(By.NAME, "actor").send_keys("suzuki")
    driver.find_element(By.CSS_SELECTOR, "select[name=kind] option[value=copy]").click()
    driver.find_element(By.CSS_SELECTOR, ".filters button").click()
    WebDriverWait(driver, 20).until(lambda d: "actor=suzuki" in d.current_url)
    rows = driver.find_elements(By.CSS_SELECTOR, "tbody tr")
    ok("a search finds what was asked for", rows and all("suzuki" in r.text for r in rows), len(rows))
    rows[0].find_element(By.TAG_NAME, "a").click()
    WebDriverWait(driver, 20).until(lambda d: "/history" not in d.current_url)
    ok("a row opens to its record", "/record?id=" in driver.current_url and driver.find_elements(By.TAG_NAME, "pre"))


def sign_out(driver, web):
    driver.get(f"http://localhost:{web.port}/")
    driver.find_element(By.CSS_SELECTOR, ".top form button").click()
    WebDriverWait(driver, 20).until(lambda d: not d.current_url.endswith("/"))
    ok("signing out leads to the sign-in page", "/sign-in" in driver.current_url, driver.current_url)
    driver.get(f"http://localhost:{web.port}/history")
    ok("after it nothing is seen", "/sign-in" in driver.current_url, driver.current_url)


def main():
    if not shutil.which("chromedriver"):
        return 77
    for label, width, height, scale in (("plain", 1280, 720, 1), ("twice", 640, 360, 2)):  # 200 % of the same screen
        with tempfile.TemporaryDirectory() as profile, Web(binary, Office()) as web:
            driver = browser(profile, width, height, scale)
            try:
                for language in ("ja", "en"):
                    walk(driver, web, language, label)
                keyboard(driver, web)
                search(driver, web)
                sign_out(driver, web)
            finally:
                driver.quit()
    print(f"{failed} faults")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
