package analyzer

import (
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Ignore finds comments that are meant to silence a check and do not: those that
// give no reason, or name no check.
var Ignore = check("ignore",
	"find //contextvars:ignore comments without a reason, or for a check that does not exist",
	func(r *reporter) {
		for _, list := range r.notes {
			for _, a := range list {
				if a.wrong != "" {
					r.report(a.comment, a.wrong)
				}
			}
		}
	})

// checks are the names of those that can be silenced.
var checks = names("token", "handler", "job", "once", "variable", "local", "lifetime", "profile")

const directive = "//contextvars:ignore"

// An annotation silences a check from one position to another.
type annotation struct {
	comment  *ast.Comment
	check    string
	from, to token.Pos
	wrong    string // why it silences nothing
}

// ignored reports whether the check is silenced at pos.
func (u *unit) ignored(check string, pos token.Pos) bool {
	for _, list := range u.notes {
		for _, a := range list {
			if a.wrong == "" && a.check == check && a.from <= pos && pos <= a.to {
				return true
			}
		}
	}
	return false
}

// annotationsIn returns the annotations of a package, by file.
func annotationsIn(pass *analysis.Pass) map[string][]annotation {
	notes := make(map[string][]annotation)
	for _, f := range pass.Files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				rest, ok := strings.CutPrefix(c.Text, directive)
				if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
					continue
				}
				a := parse(rest)
				a.comment = c
				a.from, a.to = scope(pass, f, group, c)
				name := pass.Fset.File(f.FileStart).Name()
				notes[name] = append(notes[name], a)
			}
		}
	}
	return notes
}

func parse(text string) annotation {
	text, _, _ = strings.Cut(text, "// want") // what analysistest adds
	words := strings.Fields(text)
	switch {
	case len(words) == 0:
		return annotation{wrong: "name the check to ignore, and say why: " + directive + " CHECK reason"}
	case !checks[words[0]]:
		return annotation{wrong: "there is no check " + words[0] + " to ignore"}
	case len(words) == 1:
		return annotation{wrong: "say why " + words[0] + " is to be ignored here: " + directive + " " + words[0] + " reason"}
	}
	return annotation{check: words[0]}
}

// scope returns what the comment c of group is about.
func scope(pass *analysis.Pass, f *ast.File, group *ast.CommentGroup, c *ast.Comment) (from, to token.Pos) {
	if group.End() < f.Package {
		return f.FileStart, f.FileEnd
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc == group {
				return d.Pos(), d.End()
			}
		case *ast.GenDecl:
			if d.Doc == group {
				return d.Pos(), d.End()
			}
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok && v.Doc == group {
					return v.Pos(), v.End()
				}
			}
		}
	}
	file := pass.Fset.File(f.FileStart)
	line := file.Line(c.Pos())
	if alone(pass, file, c.Pos()) {
		line = file.Line(group.End()) + 1
	}
	if line > file.LineCount() {
		return c.Pos(), c.End()
	}
	from, to = file.LineStart(line), f.FileEnd
	if line < file.LineCount() {
		to = file.LineStart(line+1) - 1
	}
	return from, to
}

// alone reports whether nothing but space is before pos in its line.
func alone(pass *analysis.Pass, file *token.File, pos token.Pos) bool {
	text, err := pass.ReadFile(file.Name())
	if err != nil {
		return false
	}
	start, end := file.Offset(file.LineStart(file.Line(pos))), file.Offset(pos)
	return end <= len(text) && len(strings.TrimSpace(string(text[start:end]))) == 0
}
