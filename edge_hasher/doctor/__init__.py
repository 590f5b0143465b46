"""Why a POST gets 403: what AWS is asked, what is judged, and what to do about it. It reads, and changes nothing.

`reader` makes one frozen value of what AWS says (`facts`), `checks` judge it as data, `runner` asks them in order, and
`report_text` and `report_json` show what came out.
"""

from edge_hasher.doctor.check_pages import check_page as check_page
