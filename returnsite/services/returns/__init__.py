"""What happens to a return after it was confirmed: one module a verb, each owns one transaction.

Every verb takes `shop`, `return_id`, `actor` and what the person saw (`seen_status`, and where two
people may do the same thing in one status `seen_event`, the id of the last event then). Each raises
`ReturnUnknown` for a return of no or another shop, `ReturnChanged` when somebody was first (it says
who and what), and `WrongState` when the status does not allow it. Nothing is written then. Each
returns a `Done`, which `undo` takes back while nothing has gone out.
"""
