/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enforce on|off: the part of the gate that kernel and udev keep shut without any process of ours.
 *
 * On: the rules that open keyboards are in force before the first hub closes. Off: the hubs open before the
 * rules go. Whatever fails in between, whoever sits there can type.
 */
#include "enforce.h"
#include "say.h"

struct EnforceArgs {
	const char *root, *templates;
	bool rules_only;
};

static const struct Option enforce_options[] = {
        {OPTION(struct EnforceArgs, root, "root", OPTION_TEXT), N_("DIR"),
                N_("write into the system below DIR; the running one stays as it is")},
        {OPTION(struct EnforceArgs, rules_only, "rules-only", OPTION_FLAG), NULL,
                N_("write the files and have udev read them, nothing more")},
        /* for running from a build */
        {OPTION(struct EnforceArgs, templates, "templates", OPTION_TEXT), "DIR", NULL},
        OPTIONS_END,
};

static int enforce_on(struct Enforce *e, const struct EnforceArgs *a)
{
	if (enforce_write(e) < 0)
		return -1;
	if (a->root)
		return 0;
	if (enforce_reload(e) < 0)
		return -1;
	if (a->rules_only)
		return 0;
	if (enforce_hubs(e, true) < 0 || enforce_nodes(e) < 0 || enforce_initramfs(e, true) < 0)
		return -1;
	if (enforce_is_built_in(e))
		enforce_said(e, STEP_BUILT_IN, "");
	enforce_said(e, STEP_ON_LATER, "");
	return 0;
}

static int enforce_off(struct Enforce *e, const struct EnforceArgs *a)
{
	if (!a->root && enforce_hubs(e, false) < 0)
		return -1;
	if (enforce_remove(e) < 0)
		return -1;
	if (a->root)
		return 0;
	if (enforce_reload(e) < 0 || enforce_nodes(e) < 0 || enforce_initramfs(e, false) < 0)
		return -1;
	if (enforce_is_built_in(e))
		enforce_said(e, STEP_BUILT_IN_OFF, "");
	enforce_said(e, STEP_OFF_LATER, "");
	return 0;
}

static int enforce_run(const struct Context *c, const void *args, int n _unused_, char **words)
{
	const struct EnforceArgs *a = args;
	bool on = !strcmp(words[0], "on");
	struct Enforce e = {
	        .root = a->root ? a->root : "",
	        .templates = a->templates ? a->templates : ENFORCE_TEMPLATES,
	        .json = c->json,
	        .out = {.out = stdout},
	};

	if (!on && strcmp(words[0], "off")) {
		_cleanup_free_ char *word = say_escape(words[0]);

		return say_usage(_("enforce takes on or off, not \"%s\""), word);
	}
	if (!on && a->rules_only)
		return say_usage("%s", _("--rules-only goes with on"));
	if (!a->root && geteuid() != 0)
		return say_fault(FAULT_NEEDS_ROOT, NULL, NULL);
	if (e.json) {
		json_object(&e.out, NULL);
		json_array(&e.out, "steps");
	}
	if ((on ? enforce_on(&e, a) : enforce_off(&e, a)) < 0 && !e.fault)
		e.fault = FAULT_INTERNAL;
	if (e.json) {
		json_end_array(&e.out);
		json_end_object(&e.out);
	}
	return say_fault(e.fault, e.subject, NULL);
}

const struct Command verb_enforce = {
        .name = "enforce",
        .arguments = N_("on|off"),
        .summary = N_("close this machine's USB ports to storage, or open them again (root)"),
        .help = N_("Writes udev rules, a modprobe option and an initramfs hook, and applies them. Keyboards, "
                   "mice,\n"
                   "hubs, sound, cameras and smart card readers work with and without the agent; storage "
                   "only by a\n"
                   "checkout. `off` removes exactly that. Both may be repeated."),
        .options = enforce_options,
        .args_size = sizeof(struct EnforceArgs),
        .least = 1,
        .most = 1,
        .run = enforce_run,
};
