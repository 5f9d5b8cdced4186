/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Each page's show function (site.h); one file a subject. */
#include "site.h"

int today_show(struct Page *p);
int terminals_show(struct Page *p);
int terminal_show(struct Page *p);
int media_show(struct Page *p);
int checkouts_show(struct Page *p);
int history_show(struct Page *p);
int record_show(struct Page *p);
int record_line_show(struct Page *p);
int record_proof_show(struct Page *p);
int sign_in_show(struct Page *p);
int sign_in_post(struct Page *p);
int sign_out_post(struct Page *p);
int sign_out_all_post(struct Page *p);
int link_show(struct Page *p);
int link_post(struct Page *p);
int me_show(struct Page *p);
int password_post(struct Page *p);
int reports_show(struct Page *p);
int report_media_show(struct Page *p);
int report_carry_show(struct Page *p);
int report_review_show(struct Page *p);
int report_handling_show(struct Page *p);
int report_disposal_show(struct Page *p);
int report_survey_show(struct Page *p);
int report_incident_show(struct Page *p);
int report_card_show(struct Page *p);
int review_show(struct Page *p);
int review_period_show(struct Page *p);
int review_hit_show(struct Page *p);
int review_plan_post(struct Page *p);
int review_plan_close_post(struct Page *p);
int review_decide_post(struct Page *p);
int review_sign_post(struct Page *p);
int review_confirm_post(struct Page *p);
int calendar_show(struct Page *p);
int calendar_item_show(struct Page *p);
int calendar_notice_show(struct Page *p);
int calendar_done_post(struct Page *p);
int duty_add_post(struct Page *p);
int duty_close_post(struct Page *p);
int people_show(struct Page *p);
int account_add_post(struct Page *p);
int account_change_post(struct Page *p);
int style_show(struct Page *p);
/* The style sheet itself: its size. */
size_t style_text(const char **ret);
int icon_show(struct Page *p);
int api_show(struct Page *p);
int csv_show(struct Page *p);
