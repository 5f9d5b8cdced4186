/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include "office.h"

const struct NameRow family_names[] = {{"佐藤", "sato"}, {"鈴木", "suzuki"}, {"高橋", "takahashi"},
        {"田中", "tanaka"}, {"伊藤", "ito"}, {"渡辺", "watanabe"}, {"山本", "yamamoto"}, {"中村", "nakamura"},
        {"小林", "kobayashi"}, {"加藤", "kato"}, {"吉田", "yoshida"}, {"山田", "yamada"},
        {"佐々木", "sasaki"}, {"山口", "yamaguchi"}, {"松本", "matsumoto"}, {"井上", "inoue"},
        {"木村", "kimura"}, {"林", "hayashi"}, {"清水", "shimizu"}, {"斎藤", "saito"}, {"森", "mori"},
        {"池田", "ikeda"}, {"橋本", "hashimoto"}, {"阿部", "abe"}, {"石川", "ishikawa"}, {"前田", "maeda"},
        {"藤田", "fujita"}, {"後藤", "goto"}, {"岡田", "okada"}, {"長谷川", "hasegawa"}, {"村上", "murakami"},
        {"近藤", "kondo"}, {"石井", "ishii"}, {"坂本", "sakamoto"}, {"遠藤", "endo"}, {"青木", "aoki"},
        {"藤井", "fujii"}, {"西村", "nishimura"}, {"福田", "fukuda"}, {"太田", "ota"}};
const size_t n_family_names = ARRAY_SIZE(family_names);

const struct NameRow given_names[] = {{"真理", "m"}, {"健", "k"}, {"花子", "h"}, {"一郎", "i"},
        {"久美子", "ku"}, {"誠", "ma"}, {"直樹", "n"}, {"陽子", "y"}, {"大輔", "d"}, {"恵", "me"},
        {"翔", "s"}, {"由美", "yu"}, {"隆", "ta"}, {"千尋", "c"}, {"勝", "ms"}, {"美咲", "mi"}, {"浩", "hi"},
        {"智子", "t"}, {"亮", "r"}, {"明美", "a"}};
const size_t n_given_names = ARRAY_SIZE(given_names);

const char *const purposes[2] = {"submission", "delivery"};
const char *const grounds[4] = {"law", "network", "ordinance", "life"};

static const char *const tax_stems[] = {"令和7年度/住民税/課税台帳", "令和7年度/住民税/給与支払報告書",
        "特別徴収/税額通知", "固定資産/名寄帳", "申告書/イメージ", "軽自動車税/納税通知", NULL};
static const char *const citizen_stems[] = {
        "住民異動/届出一覧", "個人番号カード/交付管理", "住基/月次異動", "証明/発行件数", NULL};
static const char *const welfare_stems[] = {
        "障害福祉/受給者証", "生活保護/収入認定", "児童手当/現況届", "医療費助成/資格", NULL};
static const char *const insurance_stems[] = {
        "国保/資格異動", "国保/賦課データ", "後期高齢/被保険者", "国民年金/免除申請", NULL};
static const char *const care_stems[] = {"介護/認定結果", "介護/保険料", "介護/給付実績", NULL};
static const char *const child_stems[] = {"保育/入所申込", "保育/給付認定", "子育て/医療費", NULL};
static const char *const pay_stems[] = {
        "給与/源泉徴収票", "年末調整/扶養控除等申告書", "共済/資格取得", "人事/異動者", NULL};
static const char *const levy_stems[] = {"収納/消込データ", "収納/口座振替依頼", "滞納/催告書", NULL};

static const char *const tax_to[] = {"県税事務所", "税務署", "印刷委託 みどり印刷", NULL};
static const char *const citizen_to[] = {"県市町村課", "カード発行委託", NULL};
static const char *const welfare_to[] = {"県福祉事務所", "国保連合会", NULL};
static const char *const insurance_to[] = {"国保連合会", "年金事務所", "後期高齢者医療広域連合", NULL};
static const char *const care_to[] = {"国保連合会", "県高齢福祉課", NULL};
static const char *const child_to[] = {"県子ども家庭課", "印刷委託 みどり印刷", NULL};
static const char *const pay_to[] = {"税務署", "市町村職員共済組合", NULL};
static const char *const levy_to[] = {"指定金融機関", "収納代行 あおば", NULL};

const struct Section sections[] = {
        {"zeimu", "税務課", tax_stems, tax_to, {14, 20, 20, 16, 17, 13, 8, 8, 8, 8, 9, 12}, 5},
        {"shimin", "市民課", citizen_stems, citizen_to, {9, 9, 15, 15, 10, 9, 9, 9, 10, 10, 9, 9}, 4},
        {"fukushi", "福祉課", welfare_stems, welfare_to, {9, 9, 11, 12, 10, 13, 10, 11, 10, 9, 9, 9}, 4},
        {"hoken", "保険年金課", insurance_stems, insurance_to, {10, 10, 12, 13, 10, 15, 16, 11, 9, 9, 9, 9},
                4},
        {"kaigo", "介護保険課", care_stems, care_to, {9, 9, 11, 12, 10, 12, 13, 10, 9, 9, 9, 9}, 3},
        {"kosodate", "子育て支援課", child_stems, child_to, {14, 13, 13, 11, 9, 11, 9, 9, 10, 13, 15, 13}, 3},
        {"shokuin", "職員課", pay_stems, pay_to, {17, 11, 11, 13, 9, 12, 8, 8, 8, 10, 17, 20}, 2},
        {"shuno", "収納課", levy_stems, levy_to, {10, 10, 12, 10, 12, 13, 12, 11, 11, 11, 11, 12}, 3},
};
const size_t n_sections = ARRAY_SIZE(sections);
