// Package edgehasher sends the digest of a body: above 1 MiB the edge cannot hash it, and asks the client to.
//
//	client := &http.Client{Transport: edgehasher.Transport{}}
package edgehasher

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
)

const header = "X-Amz-Content-Sha256"

// Transport adds the digest to each request whose body can be read twice: http.NewRequest sets GetBody for a
// bytes.Reader, bytes.Buffer and strings.Reader. Any other body is a stream, and is sent as it is.
type Transport struct {
	Base http.RoundTripper // http.DefaultTransport if nil
}

// RoundTrip sends the request.
func (t Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	if request.Body == nil || request.Body == http.NoBody || request.GetBody == nil || request.Header.Get(header) != "" {
		return base.RoundTrip(request)
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	defer body.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, body); err != nil {
		return nil, err
	}
	// A RoundTripper may not change the request that it is given.
	hashed := request.Clone(request.Context())
	hashed.Header.Set(header, hex.EncodeToString(digest.Sum(nil)))
	return base.RoundTrip(hashed)
}
