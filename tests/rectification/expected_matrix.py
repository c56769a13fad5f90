"""Who may take which step from which state: written by hand from the office's own rules.

Nothing here is computed from the product's table, and nothing may be: a change of the product that
was not meant shows as a difference to this file. One line is `state, step, state afterwards, who`.
Whoever and whatever is not named is refused, and the refusal changes nothing.

Who: `clerk`, `lead` of the conducting office; `acting_lead`, a clerk whom the lead has authorised
for these days; `liaison`, `head` of the responsible unit; `deputy`, a liaison of that unit whom its
head has authorised; `co_liaison` of a co-responsible unit; `other_liaison`, `other_head` of another
county's unit; `other_clerk`, `other_lead` of another office; `supervisor`; `leader`; `admin`,
`security`, `auditor`. Everybody is tried at everything.
"""

WHO = [
    "clerk",
    "lead",
    "acting_lead",
    "liaison",
    "head",
    "deputy",
    "co_liaison",
    "other_liaison",
    "other_head",
    "other_clerk",
    "other_lead",
    "supervisor",
    "leader",
    "admin",
    "security",
    "auditor",
]

STATES = [
    "draft",
    "issued",
    "planning",
    "plan_review",
    "in_progress",
    "unit_check",
    "office_review",
    "closed",
    "long_term",
    "void",
    "ended",
]

# Every step there is. `…_scan` and `…_deputy` are the other two ways to sign.
STEPS = [
    "issue",
    "acknowledge",
    "add",
    "merge",
    "submit_plan",
    "sign_plan",
    "sign_plan_scan",
    "withdraw_plan",
    "return_plan_by_head",
    "return_plan",
    "pass_plan",
    "request_closure",
    "sign_closure",
    "sign_closure_scan",
    "return_by_head",
    "withdraw_closure",
    "return_closure",
    "close",
    "close_sustained",
    "reopen",
    "to_long_term",
    "resume",
    "void",
    "end",
    "skip",
    "import_running",
    "import_closed",
]

# The whole path: acknowledgement, plan review and sign-off on; 终止整改 off, as it is by default.
WHOLE = """
draft         issue              issued         clerk acting_lead
draft         import_running     in_progress    clerk acting_lead
draft         void               void           lead
issued        acknowledge        planning       liaison head deputy clerk acting_lead
issued        void               void           lead
planning      add                planning       liaison deputy clerk acting_lead
planning      merge              void           liaison deputy clerk acting_lead
planning      submit_plan        planning       liaison deputy clerk acting_lead
planning      sign_plan          plan_review    head deputy
planning      sign_plan_scan     plan_review    liaison deputy clerk acting_lead
planning      return_plan_by_head planning      head deputy
plan_review   withdraw_plan      planning       liaison deputy
plan_review   return_plan        planning       clerk lead acting_lead
plan_review   pass_plan          in_progress    lead acting_lead
in_progress   request_closure    unit_check     liaison deputy clerk acting_lead
in_progress   to_long_term       long_term      lead acting_lead
unit_check    sign_closure       office_review  head deputy
unit_check    sign_closure_scan  office_review  liaison deputy clerk acting_lead
unit_check    return_by_head     in_progress    head deputy
unit_check    withdraw_closure   in_progress    liaison deputy
office_review withdraw_closure   in_progress    liaison deputy
office_review return_closure     in_progress    clerk lead acting_lead
office_review close              closed         lead acting_lead
office_review close_sustained    closed         lead acting_lead
closed        reopen             in_progress    lead acting_lead
long_term     resume             in_progress    lead acting_lead
"""
# `withdraw_…`: the unit had submitted, not the office for it, and nobody has opened it yet.
# `to_long_term`, `resume`: the unit's head has asked for it.
# `import_closed` has no line: outside a confirmed import nobody lands a row as closed.

ACKNOWLEDGEMENT_OFF = """
draft         issue              planning       clerk acting_lead
issued        skip               planning       clerk acting_lead
"""
PLAN_REVIEW_OFF = """
planning      sign_plan          in_progress    head deputy
planning      sign_plan_scan     in_progress    liaison deputy clerk acting_lead
plan_review   skip               in_progress    clerk acting_lead
"""
SIGN_OFF_OFF = """
planning      submit_plan        plan_review    liaison deputy clerk acting_lead
in_progress   request_closure    office_review  liaison deputy clerk acting_lead
unit_check    skip               office_review  clerk acting_lead
"""
ENDING_ON = """
draft         end                ended          lead
issued        end                ended          lead
planning      end                ended          lead
plan_review   end                ended          lead
in_progress   end                ended          lead
unit_check    end                ended          lead
office_review end                ended          lead
long_term     end                ended          lead
"""
# 立行立改: needs no plan.
IMMEDIATE = """
draft         issue              issued         clerk acting_lead
issued        acknowledge        in_progress    liaison head deputy clerk acting_lead
"""
# 简易模式: 待整改 → 整改中 → 待审核销号 → 已销号; what stands at a step that is gone goes on.
SIMPLE = """
draft         issue              in_progress    clerk acting_lead
issued        skip               in_progress    clerk acting_lead
planning      skip               in_progress    clerk acting_lead
plan_review   skip               in_progress    clerk acting_lead
in_progress   request_closure    office_review  liaison deputy clerk acting_lead
unit_check    skip               office_review  clerk acting_lead
office_review close              closed         lead acting_lead
"""

# What changes no state: act, in which states, who. In every other state, and for everybody else, it is
# refused and changes nothing.
ACTS = """
report_progress     in_progress,long_term                 liaison deputy clerk acting_lead
add_evidence        in_progress,long_term                 liaison deputy clerk acting_lead
revise_evidence     in_progress,long_term                 liaison deputy clerk acting_lead
withdraw_evidence   in_progress,long_term                 liaison deputy clerk acting_lead
write_plan          planning                              liaison deputy clerk acting_lead
ask_extension       in_progress,unit_check,office_review  liaison deputy clerk acting_lead
sign_extension      in_progress,unit_check,office_review  head deputy
sign_extension_scan in_progress,unit_check,office_review  liaison deputy clerk acting_lead
return_extension    in_progress,unit_check,office_review  head deputy
withdraw_extension  in_progress,unit_check,office_review  liaison deputy
grant_extension     in_progress,unit_check,office_review  lead acting_lead
refuse_extension    in_progress,unit_check,office_review  lead acting_lead
ask_long_term       in_progress,long_term                 head deputy clerk acting_lead
review_long_term    long_term                             clerk lead acting_lead
withdraw_long_term  in_progress,long_term                 head
correct_due         draft,issued                          clerk lead acting_lead
correct_due         planning,plan_review,in_progress,unit_check,office_review,long_term  lead acting_lead
recommend           office_review                         clerk acting_lead
cosign              office_review                         supervisor
object              office_review                         supervisor
confirm_mostly      in_progress,unit_check,office_review,long_term  clerk lead acting_lead
watch               issued,planning,plan_review,in_progress,unit_check,office_review,long_term  lead
lift_watch          issued,planning,plan_review,in_progress,unit_check,office_review,closed,long_term,void,ended  lead
set_co_units        draft,issued,planning,plan_review,in_progress,unit_check,office_review,long_term  clerk acting_lead
comment             draft                                 clerk lead acting_lead
comment             issued,planning,plan_review,in_progress,unit_check,office_review,closed,long_term,void,ended  clerk lead acting_lead liaison head deputy co_liaison supervisor
"""
# The liaison had asked and the head had signed what the lead decides; who asked takes it back.
