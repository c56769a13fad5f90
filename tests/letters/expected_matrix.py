"""Who may take which step of a letter from which state: written by hand.

Nothing here is computed from the product's table, and nothing may be. One line is
`state, step, state afterwards, who`. Whoever and whatever is not named is refused, and the refusal
changes nothing.

Who: `clerk`, `lead` of the office that writes the letter; `acting_lead`, a clerk whom the lead has
authorised for these days; `liaison`, `head` of the unit it goes to; `other_liaison` of another unit;
`other_clerk` and `other_lead` of another office; `supervisor` of the unit; `leader`; `admin`,
`security`, `auditor`.
"""

WHO = [
    "clerk",
    "lead",
    "acting_lead",
    "liaison",
    "head",
    "other_liaison",
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
    "discarded",
    "signed",
    "sent",
    "received",
    "replied",
    "returned",
    "accepted",
    "void",
]

STEPS = [
    "edit",
    "discard",
    "sign",
    "send",
    "receive",
    "reply",
    "accept_reply",
    "return_reply",
    "void",
]

# The clerk writes, the lead (or whom the lead authorised) signs, either sends. 签收 and 回复 are
# the unit's; the clerk may enter them for a unit that answers on paper (代录). What has a number
# is never deleted: it can only be 作废, by whoever may sign.
EXPECTED = """
draft     edit          draft      clerk acting_lead
draft     discard       discarded  clerk acting_lead
draft     sign          signed     lead acting_lead
signed    send          sent       clerk lead acting_lead
signed    void          void       lead acting_lead
sent      receive       received   clerk acting_lead liaison head
sent      void          void       lead acting_lead
received  reply         replied    clerk acting_lead liaison head
received  void          void       lead acting_lead
replied   accept_reply  accepted   clerk lead acting_lead
replied   return_reply  returned   clerk lead acting_lead
replied   void          void       lead acting_lead
returned  reply         replied    clerk acting_lead liaison head
returned  void          void       lead acting_lead
accepted  void          void       lead acting_lead
"""

# A letter that asks for no reply ends with its 签收: this one line differs, all others stay.
WITHOUT_REPLY = "received reply"
