package debugvars

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func asset(name string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, Path+assets+name, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	new(handler).ServeHTTP(w, r)
	return w
}

func TestAssets(t *testing.T) {
	for name, kind := range map[string]string{"style.css": "text/css", "page.js": "javascript", "icon.svg": "image/svg+xml"} {
		w := asset(name)
		if w.Code != http.StatusOK || w.Body.Len() == 0 || !strings.Contains(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: %d, %d bytes of %s", name, w.Code, w.Body.Len(), w.Header().Get("Content-Type"))
		}
		if got := w.Header().Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q", name, got)
		}
		if again := asset(name, "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s: %d if it has not changed", name, again.Code)
		}
	}
}

func TestThereIsNothingBesideTheAssets(t *testing.T) {
	for _, name := range []string{"", "page.go", "../page.go", "%2e%2e/page.go", "no.js"} {
		if w := asset(name); w.Code != http.StatusNotFound || !strings.HasPrefix(w.Body.String(), "debugvars: ") {
			t.Errorf("%q: %d %s", name, w.Code, w.Body)
		}
	}
}

// The page loads nothing from elsewhere, and neither do its assets.
func TestAssetsNameNoOtherPlace(t *testing.T) {
	err := fs.WalkDir(assetFiles, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := assetFiles.ReadFile(path)
		rest := strings.ReplaceAll(string(content), "http://www.w3.org/2000/svg", "")
		for _, part := range []string{"//cdn", "http:", "https:", "@import", "url("} {
			if strings.Contains(rest, part) {
				t.Errorf("%s has %s", path, part)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
