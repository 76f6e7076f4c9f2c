package debugvars

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"time"
)

//go:embed assets
var assetFiles embed.FS

// serveAsset answers with one of the files that the page is made of. Browsers keep it, and ask whether it has changed.
func (h *handler) serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	content, err := assetFiles.ReadFile("assets/" + name)
	if err != nil {
		http.Error(w, "debugvars: there is no such asset; the page is at "+Path, http.StatusNotFound)
		return
	}
	sum := sha256.Sum256(content)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}
