"""What CloudFront does around an origin-request function, as pure functions: no socket, clock, random source or state.

viewer.receive -> ViewerRefusal | ForwardedRequest       what is refused, dropped, replaced, added
event.origin_request_event -> Event                      what the function gets; the body is cut at 1 MiB
result.validate_result -> Forward | GeneratedResponse    CloudFront's rules for the result, or InvalidResult
errors.answer -> EdgeAnswer                              CloudFront's own answers
"""
