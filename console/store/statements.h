/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Every statement there is: X(name, text). Those that answer a query of lib/query.h take its parameters as
 * ?1, ?2, … in their order, then `now`, the number of rows wanted, the moment since which a terminal that was
 * not heard of is silent, the fiscal year, the day and the moment at which it ends; and they give its columns
 * in their order.
 */

/* A page of records; IS: what finds them by an index. ?1 from ?2 until ?3 actor ?4 medium ?5 terminal ?6 kind
   ?7 result ?8 numbers ?9 checkout ?10 before_t ?11 before_id ?12 now ?13 rows. One bound above: of two
   SQLite gives the index but one, and a page far behind would read all before it. */
#define WORD(what, param) "(SELECT id FROM words WHERE what = " what " AND text = " param ")"
#define RECORDS_WHERE(is)                                                                                    \
	"SELECT r.id, r.t, l.terminal, k.text, a.text, o.text, m.text, r.checkout, e.text, w.text, "         \
	"r.numbers,"                                                                                         \
	" l.verdict FROM records r JOIN ledgers l ON l.id = r.id >> 36 JOIN words k ON k.id = r.kind"        \
	" LEFT JOIN words a ON a.id = r.actor LEFT JOIN words o ON o.id = r.role"                            \
	" LEFT JOIN words m ON m.id = r.medium LEFT JOIN words e ON e.id = r.result"                         \
	" LEFT JOIN words w ON w.id = r.reason WHERE " is                                                    \
	" AND r.t >= COALESCE(?1, -9000000000000000) AND r.t <= CASE WHEN ?10 < COALESCE(?2,"                \
	" 9000000000000000) THEN ?10 ELSE COALESCE(?2, 9000000000000000) - 1 END"                            \
	" AND (?10 IS NULL OR r.t < ?10 OR r.id < ?11)"                                                      \
	" AND (?3 IS NULL OR r.actor = " WORD("1",                                                           \
	        "?3") ")"                                                                                    \
	              " AND (?4 IS NULL OR r.medium = " WORD("2",                                            \
	                      "?4") ")"                                                                      \
	                            " AND (?5 IS NULL OR r.terminal = " WORD("3",                            \
	                                    "?5") ")"                                                        \
	                                          " AND (?6 IS NULL OR r.kind = " WORD("4",                  \
	                                                  "?6") ")"                                          \
	                                                        " AND (?7 IS NULL OR r.result = " WORD("7",  \
	                                                                "?7") ")"                            \
	                                                                      " AND (?8 IS NULL OR "         \
	                                                                      "r.numbers >= ?8) AND (?9 IS " \
	                                                                      "NULL OR r.checkout = ?9)"     \
	                                                                      " AND ?12 IS NOT NULL ORDER "  \
	                                                                      "BY r.t DESC, r.id DESC "      \
	                                                                      "LIMIT ?13"

#define LEDGER_COLUMNS                                                                                   \
	"SELECT id, terminal, year, origin, verdict, since, error, bad, fork_from, fork_to, size, root," \
	" uncovered, earlier, keys, first_t, last_t, NULLIF(heard, 0), vkey, clock_off FROM ledgers "

#define CHECKOUT_STATE_OF                                                                         \
	"CASE WHEN b.t IS NOT NULL THEN 3 WHEN c.until_t < ?6 THEN 2 WHEN c.until_t < ?11 THEN 1" \
	" ELSE 0 END"
#define CHECKOUT_ROWS(verdict, more, is, only)                                                               \
	"SELECT c.id, c.medium, c.clerk, c.supervisor, c.purpose, c.ground, c.destination, c.terminals,"     \
	" c.carry_out, c.from_t, c.until_t, b.t, " CHECKOUT_STATE_OF ", c.terminal, c.record, " verdict more \
	" FROM " is " LEFT JOIN returns b ON b.checkout = c.id"                                              \
	" LEFT JOIN records q ON q.id = b.record JOIN ledgers l ON l.id = c.record >> 36"                    \
	" WHERE " only " AND (?1 IS NULL OR (?1 = 0 AND b.t IS NULL) OR ?1 = " CHECKOUT_STATE_OF ")"         \
	" AND (?2 IS NULL OR c.medium = ?2) AND (?3 IS NULL OR c.clerk = ?3)"                                \
	" AND c.from_t <= COALESCE(?4, 9000000000000000) AND (?4 IS NULL OR c.from_t < ?4 OR c.id < ?5)"     \
	" ORDER BY c.from_t DESC, c.id DESC LIMIT ?7"
#define CHECKOUTS_WHERE(is, only) CHECKOUT_ROWS("l.verdict", "", is, only)

/* What was done under a checkout: of one kind, and done. The plus signs keep SQLite from the indexes by result
   and kind, in which half of all records stand under one value. */
#define OF_RESULT "+r.result = (SELECT id FROM words WHERE what = 7 AND text = "
#define UNDER     "FROM records r WHERE r.checkout = c.id AND " OF_RESULT "'done')"
#define OF_KIND   " AND +r.kind = (SELECT id FROM words WHERE what = 4 AND text = "
/* Two records' ids stand in the places of their lines, and behind the columns where these are. */
#define HANDLINGS_COLUMNS                                                                              \
	", (SELECT COUNT(*) " UNDER OF_KIND "'copy')), (SELECT COUNT(*) " UNDER OF_KIND "'read')),"    \
	" (SELECT COALESCE(SUM(r.numbers), 0) " UNDER OF_KIND "'copy')), c.record, b.record, p.place," \
	" p.size, q.place, q.size"
#define HANDLINGS_VERDICT                                                                    \
	"COALESCE((SELECT MAX(v.verdict) FROM records r JOIN ledgers v ON v.id = r.id >> 36" \
	" WHERE r.checkout = c.id), l.verdict)"
#define HANDLINGS_WHERE(only)                               \
	CHECKOUT_ROWS(HANDLINGS_VERDICT, HANDLINGS_COLUMNS, \
	        "checkouts c LEFT JOIN records p ON p.id = c.record", only)

/* The reasons of include/fault.h that say: this person may not do this. */
#define NO_RIGHT                                                                             \
	"'not-on-roster', 'not-allowed', 'self-lending', 'not-a-clerk', 'not-a-supervisor'," \
	" 'right-expired', 'same-person', 'not-checked-out', 'other-loan', 'wrong-terminal'"
#define ONE_IF " SUM(CASE WHEN "
#define ELSE_0 " THEN 1 ELSE 0 END)"
#define EVIDENCE_ROWS                                                                                \
	"SELECT k.text, COUNT(*)," ONE_IF OF_RESULT "'done')" ELSE_0 "," ONE_IF OF_RESULT            \
	"'refused')" ELSE_0 "," ONE_IF OF_RESULT "'failed')" ELSE_0 "," ONE_IF OF_RESULT             \
	"'observed')" ELSE_0 "," ONE_IF "r.actor IS NULL AND " OF_RESULT "'done')" ELSE_0 "," ONE_IF \
	"r.reason IN (SELECT id FROM words WHERE what = 5 AND text IN (" NO_RIGHT "))" ELSE_0 ","    \
	" SUM(CASE WHEN " OF_RESULT "'done') THEN COALESCE(r.numbers, 0) ELSE 0 END),"               \
	" COUNT(DISTINCT r.terminal)," ONE_IF "l.verdict > 0" ELSE_0                                 \
	" FROM records r JOIN words k ON k.id = r.kind JOIN ledgers l ON l.id = r.id >> 36"          \
	" WHERE r.t >= COALESCE(?1, -9000000000000000) AND r.t < COALESCE(?2, 9000000000000000)"     \
	" AND k.text > COALESCE(?3, '') AND ?4 IS NOT NULL GROUP BY k.text ORDER BY k.text LIMIT ?5"

#define LEDGER_STATEMENTS(X)                                                                                 \
	/* queries */                                                                                        \
	X(HISTORY, RECORDS_WHERE("r.t IS NOT NULL"))                                                         \
	X(HISTORY_ACTOR, RECORDS_WHERE("r.actor = " WORD("1", "?3")))                                        \
	X(HISTORY_MEDIUM, RECORDS_WHERE("r.medium = " WORD("2", "?4")))                                      \
	X(HISTORY_TERMINAL, RECORDS_WHERE("r.terminal = " WORD("3", "?5")))                                  \
	X(HISTORY_RESULT, RECORDS_WHERE("r.result = " WORD("7", "?7")))                                      \
	X(HISTORY_KIND, RECORDS_WHERE("r.kind = " WORD("4", "?6")))                                          \
	X(HISTORY_NUMBERS, RECORDS_WHERE("r.numbers > 0 AND CASE WHEN r.numbers > 0 THEN 1 END = 1"))        \
	X(HISTORY_CHECKOUT, RECORDS_WHERE("r.checkout = ?9"))                                                \
	X(RECORD, "SELECT r.id, '', 0, l.origin, l.size, l.root, l.verdict, l.vkey, r.place, r.size FROM "   \
	          "records r"                                                                                \
	          " JOIN ledgers l ON l.id = r.id >> 36 WHERE r.id = ?1")                                    \
	X(CHOICES,                                                                                           \
	        "SELECT text FROM words WHERE what = ?1 AND text > COALESCE(?2, '') ORDER BY text LIMIT ?4") \
	X(LEDGERS, LEDGER_COLUMNS                                                                            \
	        "WHERE (terminal > COALESCE(?1, '') OR (terminal = ?1 AND id > ?2))"                         \
	        " AND terminal >= COALESCE(?1, '') AND (?5 IS NULL OR id = ?5) AND (?6 IS NULL OR terminal " \
	        "= ?6)"                                                                                      \
	        " AND (COALESCE(?4, 0) = 0 OR (heard < ?10 AND year = ?11)) AND ?8 IS NOT NULL"              \
	        " AND ?3 IS NULL AND ?7 IS NULL ORDER BY terminal, id LIMIT ?9")                             \
	X(LEDGERS_ALARM, LEDGER_COLUMNS                                                                      \
	        "WHERE verdict > 0 AND (?2 IS NULL OR (-verdict, since, id) > (SELECT -verdict, since, id "  \
	        "FROM ledgers WHERE id = ?2)) ORDER BY verdict DESC, since, id LIMIT ?9")                    \
	/* five minutes off when its last records came, or set since the moment from which silence counts */ \
	X(LEDGERS_CLOCK, LEDGER_COLUMNS                                                                      \
	        "WHERE (terminal > COALESCE(?1, '') OR (terminal = ?1 AND id > ?2)) AND ?8 IS NOT NULL AND"  \
	        " (clock_off > 300000 OR clock_off < -300000 OR id IN (SELECT r.id >> 36 FROM records r "    \
	        "WHERE"                                                                                      \
	        " r.kind = " WORD("4", "'clock'") " AND r.t >= ?10)) ORDER BY terminal, id LIMIT ?9")        \
	X(LEDGERS_ID, LEDGER_COLUMNS "WHERE id = ?5")                                                        \
	X(INTAKES, "SELECT i.id, i.t, i.ledger, l.terminal, l.year, i.outcome, i.size, i.added, i.verdict, " \
	           "i.source"                                                                                \
	           " FROM intakes i JOIN ledgers l ON l.id = i.ledger WHERE i.id < COALESCE(?1, "            \
	           "9000000000000000)"                                                                       \
	           " AND (?2 IS NULL OR i.ledger = ?2) AND ?3 IS NOT NULL ORDER BY i.id DESC LIMIT ?4")      \
	X(MEDIA, "SELECT m.number, m.series, m.slot, CASE WHEN o.id IS NULL THEN 0 WHEN o.until_t < ?4 "     \
	         "THEN 2 ELSE 1"                                                                             \
	         " END, m.supervisor, o.clerk, o.id, o.until_t, m.registered, m.terminal, m.vendor, "        \
	         "m.product,"                                                                                \
	         " m.size, m.record, l.verdict FROM media m JOIN ledgers l ON l.id = m.record >> 36"         \
	         " LEFT JOIN open_checkouts o ON o.id = (SELECT MAX(id) FROM open_checkouts p WHERE "        \
	         "p.medium = m.number)"                                                                      \
	         " WHERE m.number > COALESCE(?1, '') AND (?3 IS NULL OR m.number = ?3) AND (?2 IS NULL OR "  \
	         "?2 ="                                                                                      \
	         " CASE WHEN o.id IS NULL THEN 0 WHEN o.until_t < ?4 THEN 2 ELSE 1 END)"                     \
	         " ORDER BY m.number LIMIT ?5")                                                              \
	/* those that are out are few: the others are the rest of all */                                     \
	X(MEDIA_STATES, "WITH q AS (SELECT CASE WHEN p.until_t < ?1 THEN 2 ELSE 1 END AS s, COUNT(*) AS n"   \
	                " FROM (SELECT medium, MAX(id) AS id FROM open_checkouts GROUP BY medium) o"         \
	                " JOIN open_checkouts p ON p.id = o.id JOIN media m ON m.number = o.medium GROUP BY" \
	                " CASE WHEN p.until_t < ?1 THEN 2 ELSE 1 END)"                                       \
	                " SELECT s, n FROM (SELECT 0 AS s, (SELECT COUNT(*) FROM media) - (SELECT"           \
	                " COALESCE(SUM(n), 0) FROM q) AS n UNION ALL SELECT s, n FROM q) a"                  \
	                " WHERE ?2 > 0 AND n > 0 ORDER BY s")                                                \
	X(CHECKOUTS, CHECKOUTS_WHERE("checkouts c", "c.id IS NOT NULL"))                                     \
	X(CHECKOUTS_MEDIUM, CHECKOUTS_WHERE("checkouts c", "c.medium = ?2"))                                 \
	X(CHECKOUTS_CLERK, CHECKOUTS_WHERE("checkouts c", "c.clerk = ?3"))                                   \
	X(CHECKOUTS_OPEN, CHECKOUTS_WHERE("open_checkouts p CROSS JOIN checkouts c", "c.id = p.id"))         \
	X(HANDLINGS, HANDLINGS_WHERE("c.id IS NOT NULL"))                                                    \
	X(HANDLINGS_MEDIUM, HANDLINGS_WHERE("c.medium = ?2"))                                                \
	/* day 0 was a Thursday */                                                                           \
	X(HEAT, "SELECT (day + 4) % 7 AS w, hour, SUM(records), SUM(copies), SUM(refused), SUM(numbers) "    \
	        "FROM hours"                                                                                 \
	        " WHERE day >= COALESCE(?1, 0) AND day <= COALESCE(?2, 99999999) AND ?3 IS NOT NULL"         \
	        " GROUP BY (day + 4) % 7, hour ORDER BY w, hour LIMIT ?4")                                   \
	X(DAYS, "SELECT day, SUM(records), SUM(copies), SUM(refused), SUM(numbers) FROM hours WHERE"         \
	        " day >= COALESCE(?1, 0) AND day <= COALESCE(?2, 99999999) AND ?3 IS NULL AND day > "        \
	        "COALESCE(?4, -1) AND ?5 IS NOT NULL"                                                        \
	        " GROUP BY day ORDER BY day LIMIT ?6")                                                       \
	X(DAYS_LEDGER, "SELECT day, records, copies, refused, numbers FROM days WHERE ledger = ?3 AND"       \
	               " day >= COALESCE(?1, 0) AND day <= COALESCE(?2, 99999999) AND day > COALESCE(?4, "   \
	               "-1) AND ?5 IS NOT NULL"                                                              \
	               " ORDER BY day LIMIT ?6")                                                             \
	X(COUNTS, "SELECT (SELECT COUNT(DISTINCT terminal) FROM ledgers), (SELECT COUNT(*) FROM ledgers),"   \
	          " (SELECT COUNT(*) FROM ledgers WHERE verdict > 0),"                                       \
	          " (SELECT COUNT(*) FROM ledgers WHERE heard < ?3 AND year = ?4),"                          \
	          " (SELECT COALESCE(SUM(size), 0) FROM ledgers), (SELECT COUNT(*) FROM media),"             \
	          " (SELECT COUNT(*) FROM open_checkouts),"                                                  \
	          " (SELECT COUNT(*) FROM open_checkouts WHERE until_t >= ?1 AND until_t < ?6),"             \
	          " (SELECT COUNT(*) FROM open_checkouts WHERE until_t < ?1),"                               \
	          " (SELECT COALESCE(SUM(copies), 0) FROM hours WHERE day = ?5),"                            \
	          " (SELECT COALESCE(SUM(refused), 0) FROM hours WHERE day = ?5),"                           \
	          " (SELECT COALESCE(SUM(numbers), 0) FROM hours WHERE day = ?5),"                           \
	          " (SELECT MAX(t) FROM intakes) WHERE ?2 > 0")                                              \
	X(EVIDENCE, EVIDENCE_ROWS)                                                                           \
	/* intake */                                                                                         \
	X(HELD, "SELECT id, size, root, bytes, verdict, vkey, state FROM ledgers WHERE origin = ?1")         \
	X(LEDGER_ADD, "INSERT INTO ledgers (origin, terminal, year, vkey, since, heard) VALUES (?1, ?2, "    \
	              "?3, ?4, ?5, 0)")                                                                      \
	X(LEDGER_SET, "UPDATE ledgers SET size = ?2, root = ?3, bytes = ?4, uncovered = ?5, earlier = ?6, "  \
	              "keys = ?7,"                                                                           \
	              " first_t = ?8, last_t = ?9, vkey = COALESCE(?10, vkey), clock_off = CASE WHEN ?11 "   \
	              "IS NOT NULL THEN ?11"                                                                 \
	              " WHEN clock_off > 0 THEN 0 ELSE clock_off END WHERE id = ?1")                         \
	X(LEDGER_VERDICT,                                                                                    \
	        "UPDATE ledgers SET verdict = ?2, since = ?3, error = ?4, bad = ?5, fork_from = ?6,"         \
	        " fork_to = ?7 WHERE id = ?1 AND verdict <> ?2")                                             \
	X(LEDGER_HEARD, "UPDATE ledgers SET heard = CASE WHEN heard < ?2 THEN ?2 ELSE heard END, state = ?3" \
	                " WHERE id = ?1")                                                                    \
	X(INTAKE_ADD, "INSERT INTO intakes (t, ledger, outcome, size, added, verdict, source)"               \
	              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                                \
	X(WORD_FIND, "SELECT id FROM words WHERE what = ?1 AND text = ?2")                                   \
	X(WORD_ADD, "INSERT INTO words (what, text) VALUES (?1, ?2)")                                        \
	X(RECORD_ADD,                                                                                        \
	        "INSERT INTO records (id, t, terminal, kind, actor, role, medium, checkout, result, reason," \
	        " numbers, place, size, local_t, data)"                                                      \
	        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)")                \
	X(DAY_ADD, "INSERT INTO days (ledger, day, records, copies, refused, numbers) VALUES (?1, ?2, ?3, "  \
	           "?4, ?5, ?6)"                                                                             \
	           " ON CONFLICT (ledger, day) DO UPDATE SET records = days.records + excluded.records,"     \
	           " copies = days.copies + excluded.copies, refused = days.refused + excluded.refused,"     \
	           " numbers = days.numbers + excluded.numbers")                                             \
	X(HOUR_ADD, "INSERT INTO hours (day, hour, records, copies, refused, numbers) VALUES (?1, ?2, ?3, "  \
	            "?4, ?5, ?6)"                                                                            \
	            " ON CONFLICT (day, hour) DO UPDATE SET records = hours.records + excluded.records,"     \
	            " copies = hours.copies + excluded.copies, refused = hours.refused + excluded.refused,"  \
	            " numbers = hours.numbers + excluded.numbers")                                           \
	/* the latest registration of a number is its own */                                                 \
	X(MEDIUM_ADD,                                                                                        \
	        "INSERT INTO media (number, series, slot, supervisor, registered, terminal, vendor, "        \
	        "product, size,"                                                                             \
	        " record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (number) DO UPDATE"   \
	        " SET supervisor = excluded.supervisor, registered = excluded.registered,"                   \
	        " terminal = excluded.terminal, vendor = excluded.vendor, product = excluded.product,"       \
	        " size = excluded.size, record = excluded.record WHERE excluded.registered > "               \
	        "media.registered")                                                                          \
	/* what was carried over is older than all that stands there */                                      \
	X(MEDIUM_CARRY,                                                                                      \
	        "INSERT INTO media (number, series, slot, supervisor, registered, terminal, vendor, "        \
	        "product, size,"                                                                             \
	        " record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (number) DO NOTHING") \
	X(CHECKOUT_ADD, "INSERT INTO checkouts (id, medium, clerk, supervisor, purpose, ground, "            \
	                "destination, terminals,"                                                            \
	                " carry_out, from_t, until_t, terminal, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "    \
	                "?7, ?8, ?9, ?10,"                                                                   \
	                " ?11, ?12, ?13) ON CONFLICT (id) DO NOTHING")                                       \
	X(OPEN_ADD, "INSERT INTO open_checkouts (id, medium, clerk, until_t) SELECT id, medium, clerk, "     \
	            "until_t FROM checkouts"                                                                 \
	            " WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM returns WHERE checkout = ?1) ON CONFLICT " \
	            "(id) DO NOTHING")                                                                       \
	X(RETURN_ADD, "INSERT INTO returns (checkout, t, record) VALUES (?1, ?2, ?3) ON CONFLICT "           \
	              "(checkout) DO NOTHING")                                                               \
	X(OPEN_END, "DELETE FROM open_checkouts WHERE id = ?1")                                              \
	/* the rules of the review */                                                                        \
	X(REVIEWED, "SELECT day, params FROM reviewed WHERE id = 1")                                         \
	X(REVIEWED_SET, "INSERT INTO reviewed (id, day, params) VALUES (1, ?1, ?2) ON CONFLICT (id) DO"      \
	                " UPDATE SET day = excluded.day, params = excluded.params")                          \
	X(REVIEWED_BACK, "UPDATE reviewed SET day = ?1 WHERE id = 1 AND day > ?1")                           \
	X(REVIEW_ACTS, "SELECT r.id, r.t, r.local_t, COALESCE(r.actor, 0), r.terminal, COALESCE(r.data, 0)," \
	               " COALESCE(r.numbers, 0), k.text, o.text, e.text, w.text, p.text FROM records r"      \
	               " JOIN words k ON k.id = r.kind JOIN words p ON p.id = r.terminal"                    \
	               " LEFT JOIN words o ON o.id = r.role"                                                 \
	               " LEFT JOIN words e ON e.id = r.result LEFT JOIN words w ON w.id = r.reason"          \
	               " WHERE r.t >= ?1 AND r.t < ?2 AND r.local_t >= ?3 AND r.local_t < ?4"                \
	               " ORDER BY r.local_t / 1440, r.t, r.id")                                              \
	X(WORD_TEXT, "SELECT text FROM words WHERE id = ?1")                                                 \
	X(HITS_END, "DELETE FROM hits WHERE day >= ?1")                                                      \
	X(HIT_RECORDS_END, "DELETE FROM hit_records WHERE hit IN (SELECT id FROM hits WHERE day >= ?1)")     \
	X(HIT_ADD, "INSERT INTO hits (id, rule, day, t, actor, terminal, thing, count, usual, record)"       \
	           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")                                      \
	X(HITS, "SELECT h.id, h.rule, h.day, h.t, h.actor, h.terminal, h.thing, h.count, h.usual, h.record," \
	        " COALESCE(l.verdict, 0) FROM hits h LEFT JOIN ledgers l ON l.id = h.record >> 36"           \
	        " WHERE h.day >= COALESCE(?1, 0) AND h.day < COALESCE(?2, 9000000) AND (?3 IS NULL OR "      \
	        "h.rule = ?3)"                                                                               \
	        " AND h.day >= COALESCE(?4, 0) AND (?4 IS NULL OR h.day > ?4 OR h.id > ?5)"                  \
	        " ORDER BY h.day, h.id LIMIT ?6")                                                            \
	X(HIT, "SELECT h.id, h.rule, h.day, h.t, h.actor, h.terminal, h.thing, h.count, h.usual, h.record,"  \
	       " COALESCE(l.verdict, 0) FROM hits h LEFT JOIN ledgers l ON l.id = h.record >> 36"            \
	       " WHERE h.id = ?6")                                                                           \
	X(HIT_RECORDS,                                                                                       \
	        "SELECT r.id, r.t, p.text, k.text, a.text, o.text, m.text, r.checkout, e.text, w.text, "     \
	        "r.numbers,"                                                                                 \
	        " l.verdict FROM hit_records h JOIN records r ON r.id = h.record"                            \
	        " JOIN ledgers l ON l.id = r.id >> 36 JOIN words k ON k.id = r.kind"                         \
	        " JOIN words p ON p.id = r.terminal LEFT JOIN words a ON a.id = r.actor"                     \
	        " LEFT JOIN words o ON o.id = r.role LEFT JOIN words m ON m.id = r.medium"                   \
	        " LEFT JOIN words e ON e.id = r.result LEFT JOIN words w ON w.id = r.reason"                 \
	        " WHERE h.hit = ?1 AND ?2 IS NOT NULL ORDER BY r.t, r.id LIMIT ?3")                          \
	X(HIT_IDS, "SELECT id FROM hits WHERE day >= ?1 AND day < ?2")                                       \
	X(HIT_RECORD_ADD, "INSERT INTO hit_records (hit, record) VALUES (?1, ?2)")

/* Kinds and codes of entries are those of lib/query.h. An incident is closed when the last of those that
   closed it or opened it again closed it; a bit of `lacks` is 1 << the kind that is missing. */
#define INCIDENTS_SELECT                                                                         \
	"SELECT i.id, i.what, i.noticed, i.noticer, i.opened, i.login,"                          \
	" CASE WHEN c.id IS NOT NULL THEN 2 WHEN s.told IS NOT NULL THEN 1 ELSE 0 END,"          \
	" COALESCE(s.n, 0), s.told, s.first,"                                                    \
	" CASE WHEN COALESCE(s.first, s.final, s.none) IS NULL THEN i.noticed_day + 5 END,"      \
	" s.final, CASE WHEN COALESCE(s.final, s.none) IS NULL THEN i.noticed_day + 30 END,"     \
	" COALESCE(s.lacks, 58) + CASE WHEN s.told IS NULL OR COALESCE(s.final, s.none) IS NULL" \
	" THEN 64 ELSE 0 END, c.t, c.login"                                                      \
	" FROM incidents i LEFT JOIN (SELECT about_id, COUNT(*) AS n,"                           \
	" MIN(CASE WHEN kind = 6 AND code <> 6 THEN at END) AS told,"                            \
	" MIN(CASE WHEN kind = 6 AND code = 2 THEN at END) AS first,"                            \
	" MIN(CASE WHEN kind = 6 AND code = 3 THEN at END) AS final,"                            \
	" MIN(CASE WHEN kind = 6 AND code = 6 THEN at END) AS none,"                             \
	" 58 - MAX(CASE WHEN kind = 1 THEN 2 ELSE 0 END) - MAX(CASE WHEN kind = 3 THEN 8 ELSE 0" \
	" END) - MAX(CASE WHEN kind = 4 THEN 16 ELSE 0 END) - MAX(CASE WHEN kind = 5 THEN 32"    \
	" ELSE 0 END) AS lacks FROM entries WHERE about = 1 AND (?1 IS NULL OR about_id = ?1)"   \
	" GROUP BY about_id) s ON s.about_id = i.id"                                             \
	" LEFT JOIN entries c ON c.kind = 11 AND c.id = (SELECT MAX(x.id) FROM entries x"        \
	" WHERE x.about = 1 AND x.about_id = i.id AND x.kind IN (11, 12))"                       \
	" WHERE (?1 IS NULL OR i.id = ?1) AND (COALESCE(?2, 0) = 0 OR c.id IS NULL)"             \
	" AND i.id < COALESCE(?3, 9000000000000000) AND ?4 IS NOT NULL ORDER BY i.id DESC LIMIT ?5"

/* A finding stands where its last proof, or the answer to it, stands. */
#define FINDINGS_SELECT                                                                          \
	"SELECT f.id, f.audit, f.what, f.owner, f.due_day, f.opened, f.login,"                   \
	" CASE WHEN l.kind = 3 THEN 3 WHEN l.kind = 2 THEN 2 WHEN f.due_day < ?5 THEN 1 ELSE 0"  \
	" END, COALESCE(m.words, ''), COALESCE(p.words, ''), p.t, p.login,"                      \
	" CASE WHEN l.kind = 3 THEN l.t END, CASE WHEN l.kind = 3 THEN l.login END"              \
	" FROM findings f LEFT JOIN entries m ON m.id = (SELECT MAX(x.id) FROM entries x"        \
	" WHERE x.about = 2 AND x.about_id = f.id AND x.kind = 1)"                               \
	" LEFT JOIN entries p ON p.id = (SELECT MAX(x.id) FROM entries x"                        \
	" WHERE x.about = 2 AND x.about_id = f.id AND x.kind = 2)"                               \
	" LEFT JOIN entries l ON l.id = (SELECT MAX(x.id) FROM entries x"                        \
	" WHERE x.about = 2 AND x.about_id = f.id AND x.kind IN (2, 3, 4))"                      \
	" WHERE (?1 IS NULL OR f.id = ?1) AND (COALESCE(?2, 0) = 0 OR COALESCE(l.kind, 0) <> 3)" \
	" AND (?3 IS NULL OR f.owner = ?3) AND f.id < COALESCE(?4, 9000000000000000)"            \
	" ORDER BY f.id DESC LIMIT ?6"

#define PEOPLE_STATEMENTS(X)                                                                                 \
	X(ACCOUNT_N, "SELECT COUNT(*) FROM accounts")                                                        \
	X(ACCOUNT, "SELECT login, name, role, closed, secret FROM accounts WHERE login = ?1")                \
	X(ACCOUNTS, "SELECT a.login, a.name, a.role, a.closed, a.last_sign_in, (SELECT COUNT(*) FROM "       \
	            "sessions s WHERE"                                                                       \
	            " s.login = a.login AND s.used > ?2 - 900000) FROM accounts a WHERE a.login > "          \
	            "COALESCE(?1, '') ORDER BY "                                                             \
	            "a.login LIMIT ?3")                                                                      \
	X(ACCOUNT_ADD, "INSERT INTO accounts (login, name, role) VALUES (?1, ?2, ?3)")                       \
	X(ACCOUNT_SET, "UPDATE accounts SET role = COALESCE(?2, role), closed = COALESCE(?3, closed) WHERE " \
	               "login = ?1")                                                                         \
	X(SECRET_SET, "UPDATE accounts SET secret = ?2 WHERE login = ?1")                                    \
	X(SIGNED_IN, "UPDATE accounts SET last_sign_in = ?2 WHERE login = ?1")                               \
	X(SESSION_ADD, "INSERT INTO sessions (token, login, csrf, since, used) VALUES (?1, ?2, ?3, ?4, ?4)") \
	X(SESSION, "SELECT s.login, a.name, a.role, s.csrf, s.since, s.used FROM sessions s JOIN accounts a" \
	           " ON a.login = s.login WHERE s.token = ?1 AND s.used > ?2 AND a.closed = 0")              \
	X(SESSION_USED, "UPDATE sessions SET used = ?2 WHERE token = ?1")                                    \
	X(SESSION_END, "DELETE FROM sessions WHERE token = ?1")                                              \
	X(SESSIONS_END, "DELETE FROM sessions WHERE login = ?1")                                             \
	X(SESSIONS_OTHER, "DELETE FROM sessions WHERE login = ?1 AND token <> ?2")                           \
	X(SESSIONS_IDLE, "DELETE FROM sessions WHERE used <= ?1")                                            \
	X(LINK_ADD, "INSERT INTO links (token, login, until_t) VALUES (?1, ?2, ?3)")                         \
	X(LINK, "SELECT l.login, COALESCE(a.name, ''), l.until_t FROM links l LEFT JOIN accounts a ON "      \
	        "a.login = l.login"                                                                          \
	        " WHERE l.token = ?1 AND l.until_t > ?2")                                                    \
	X(LINK_END, "DELETE FROM links WHERE token = ?1")                                                    \
	X(LINKS_END, "DELETE FROM links WHERE login = ?1 OR until_t <= ?2")                                  \
	X(SIGN_IN_ADD, "INSERT INTO sign_ins (t, login, what, place) VALUES (?1, ?2, ?3, ?4)")               \
	X(SIGN_IN_TRIES, "SELECT COUNT(*) FROM sign_ins WHERE login = ?1 AND t > ?2 AND what IN "            \
	                 "('refused', 'wrong-password')")                                                    \
	X(SIGN_INS,                                                                                          \
	        "SELECT id, t, login, what, place FROM sign_ins WHERE id < COALESCE(?1, 9000000000000000)"   \
	        " AND (?2 IS NULL OR login = ?2) AND ?3 IS NOT NULL ORDER BY id DESC LIMIT ?4")              \
	/* tokens of programs */                                                                             \
	X(TOKEN, "SELECT id, name, made, COALESCE(used, 0) FROM tokens WHERE token = ?1 AND until_t > ?2 "   \
	         "AND ended IS NULL")                                                                        \
	X(TOKEN_USED, "UPDATE tokens SET used = ?2 WHERE id = ?1")                                           \
	X(TOKENS, "SELECT id, name, login, made, until_t, used, ended, ended_by FROM tokens WHERE id > "     \
	          "COALESCE(?1, 0)"                                                                          \
	          " AND ?2 IS NOT NULL ORDER BY id LIMIT ?3")                                                \
	X(TOKEN_ADD, "INSERT INTO tokens (token, name, login, made, until_t) VALUES (?1, ?2, ?3, ?4, ?5)")   \
	X(TOKEN_NAME, "SELECT name FROM tokens WHERE id = ?1 AND ended IS NULL AND until_t > ?2")            \
	X(TOKEN_END, "UPDATE tokens SET ended = ?2, ended_by = ?3 WHERE id = ?1")                            \
	/* reviews */                                                                                        \
	X(PLANS, "SELECT id, what, months, from_day, subjects, closed FROM plans ORDER BY id")               \
	X(PLAN_ADD, "INSERT INTO plans (what, months, from_day, subjects) VALUES (?1, ?2, ?3, ?4)")          \
	X(PLAN_CLOSE, "UPDATE plans SET closed = 1 WHERE id = ?1 AND closed = 0")                            \
	X(DECISION, "SELECT decision, words, login, t FROM decisions WHERE hit = ?1")                        \
	X(DECISION_SET,                                                                                      \
	        "INSERT INTO decisions (hit, decision, words, login, t) VALUES (?1, ?2, ?3, ?4, ?5)"         \
	        " ON CONFLICT (hit) DO UPDATE SET decision = excluded.decision, words = excluded.words,"     \
	        " login = excluded.login, t = excluded.t")                                                   \
	X(REVIEW, "SELECT words, login, signed, remark, second, confirmed FROM reviews"                      \
	          " WHERE plan = ?1 AND from_day = ?2")                                                      \
	X(REVIEW_SIGN,                                                                                       \
	        "INSERT INTO reviews (plan, from_day, words, login, signed) VALUES (?1, ?2, ?3, ?4, ?5)"     \
	        " ON CONFLICT (plan, from_day) DO UPDATE SET words = excluded.words, login = "               \
	        "excluded.login,"                                                                            \
	        " signed = excluded.signed, confirmed = NULL, second = '', remark = ''")                     \
	X(REVIEW_CONFIRM, "UPDATE reviews SET remark = ?3, second = ?4, confirmed = ?5 WHERE plan = ?1 AND " \
	                  "from_day = ?2")                                                                   \
	X(REVIEW_BACK, "UPDATE reviews SET remark = ?3, second = ?4, signed = NULL, confirmed = NULL"        \
	               " WHERE plan = ?1 AND from_day = ?2")                                                 \
	/* duties: the first columns are a plan's */                                                         \
	X(DUTIES, "SELECT id, what, months, from_day, subjects, closed, kind, lead, responsible FROM duties" \
	          " ORDER BY id")                                                                            \
	X(DUTY_ADD, "INSERT INTO duties (what, months, from_day, subjects, kind, lead, responsible)"         \
	            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                                  \
	X(DUTY_CLOSE, "UPDATE duties SET closed = 1 WHERE id = ?1 AND closed = 0")                           \
	X(DUTY_DONE, "SELECT words, login, t FROM duties_done WHERE duty = ?1 AND from_day = ?2")            \
	X(DUTY_DONE_ADD, "INSERT INTO duties_done (duty, from_day, words, login, t)"                         \
	                 " VALUES (?1, ?2, ?3, ?4, ?5)")                                                     \
	/* after a query's parameters the day and the number of rows */                                      \
	X(ROUTE, "SELECT id, step, post, name, contact, deputy, deputy_contact, since, login, ended"         \
	         " FROM route WHERE (?1 = 1 OR ended IS NULL) AND ?2 IS NOT NULL"                            \
	         " ORDER BY step, id LIMIT ?3")                                                              \
	X(ROUTE_ADD, "INSERT INTO route (step, post, name, contact, deputy, deputy_contact, since, login)"   \
	             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                                             \
	X(ROUTE_END, "UPDATE route SET ended = ?2 WHERE id = ?1 AND ended IS NULL")                          \
	X(INCIDENTS, INCIDENTS_SELECT)                                                                       \
	X(INCIDENT_ADD, "INSERT INTO incidents (what, noticed, noticed_day, noticer, opened, login)"         \
	                " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")                                                  \
	X(FINDINGS, FINDINGS_SELECT)                                                                         \
	X(FINDING_ADD, "INSERT INTO findings (audit, what, owner, due_day, opened, login)"                   \
	               " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")                                                   \
	X(ENTRIES, "SELECT id, kind, at, code, thing, words, login, t FROM entries WHERE about = ?1"         \
	           " AND about_id = ?2 AND id > COALESCE(?3, 0) ORDER BY id LIMIT ?4")                       \
	X(ENTRY_ADD, "INSERT INTO entries (about, about_id, kind, at, code, thing, words, login, t)"         \
	             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")

#define STATEMENT_LEDGER(name, sql) SQL_##name,
enum LedgerStatement { LEDGER_STATEMENTS(STATEMENT_LEDGER) _SQL_N };
#undef STATEMENT_LEDGER

#define STATEMENT_PEOPLE(name, sql) PSQL_##name,
enum PeopleStatement { PEOPLE_STATEMENTS(STATEMENT_PEOPLE) _PSQL_N };
#undef STATEMENT_PEOPLE
