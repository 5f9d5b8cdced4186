// SPDX-License-Identifier: Apache-2.0

// A second opinion on ledgers and proofs by golang.org/x/mod (signed notes, RFC 6962 trees): written from
// docs/ledger.md. Answers one question a line from standard input:
//
//	ledger FOLDER        checkpoint's root over the records, followed through changes of key
//	proof VKEY FILE      one record's proof
//
// "good …" or "bad …" for each.
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type record struct {
	N        int64
	Kind     string
	Terminal string
	Detail   struct{ Vkey, Signature string }
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = h[index]
	}
	return found, nil
}

// The three lines of a note that this key signed.
func checkpoint(text []byte, vkey string) (string, tlog.Tree, error) {
	verifier, err := note.NewVerifier(strings.TrimSuffix(vkey, "\n"))
	if err != nil {
		return "", tlog.Tree{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return "", tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return "", tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return "", tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return lines[0], tlog.Tree{N: size, Hash: root}, err
}

// The public key inside a verifier key.
func public(vkey string) (ed25519.PublicKey, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("not a verifier key: %s", vkey)
	}
	bytes, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(bytes) != 33 || bytes[0] != 1 {
		return nil, fmt.Errorf("not an Ed25519 key: %s", vkey)
	}
	return bytes[1:], nil
}

func follow(vkey, origin string, r record, stored hashes) (string, error) {
	root, err := tlog.TreeHash(r.N, stored)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("mediagate/rekey/v1\n%s\n%d\n%s\n%s\n", origin, r.N, root, r.Detail.Vkey)
	key, err := public(vkey)
	if err != nil {
		return "", err
	}
	signature, err := base64.StdEncoding.DecodeString(r.Detail.Signature)
	if err != nil || !ed25519.Verify(key, []byte(text), signature) {
		return "", fmt.Errorf("record %d: the key before it did not sign it", r.N)
	}
	return r.Detail.Vkey, nil
}

func ledger(folder string) error {
	vkey, err := os.ReadFile(filepath.Join(folder, "vkey"))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	records, err := os.ReadFile(filepath.Join(folder, "records.jsonl"))
	if err != nil {
		return err
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	if len(lines) < 3 {
		return fmt.Errorf("the checkpoint is malformed")
	}
	origin := string(bytes.TrimSuffix(lines[0], []byte("\n")))
	size, err := strconv.ParseInt(string(bytes.TrimSuffix(lines[1], []byte("\n"))), 10, 64)
	if err != nil {
		return err
	}
	key := strings.TrimSuffix(string(vkey), "\n")
	var stored hashes
	for n, line := range bytes.Split(records, []byte("\n")) {
		if int64(n) == size {
			break
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil || r.N != int64(n) {
			return fmt.Errorf("line %d: %v", n+1, err)
		}
		if r.Kind == "key" {
			if key, err = follow(key, origin, r, stored); err != nil {
				return err
			}
		}
		more, err := tlog.StoredHashes(int64(n), line, stored)
		if err != nil {
			return err
		}
		stored = append(stored, more...)
	}
	_, tree, err := checkpoint(text, key)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, stored)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the root is another")
	}
	return nil
}

func proof(vkey, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	parts := bytes.SplitN(text, []byte("\n\n"), 2)
	if len(parts) != 2 {
		return fmt.Errorf("no checkpoint")
	}
	lines := strings.Split(string(parts[0]), "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "extra ") ||
		!strings.HasPrefix(lines[2], "index ") {
		return fmt.Errorf("not a proof")
	}
	leaf, err := base64.StdEncoding.DecodeString(lines[1][len("extra "):])
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(lines[2][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		path = append(path, hash)
	}
	_, tree, err := checkpoint(parts[1], vkey)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(leaf))
}

func main() {
	questions := bufio.NewScanner(os.Stdin)
	for questions.Scan() {
		words := strings.Split(questions.Text(), "\t")
		err := fmt.Errorf("what is %q?", words[0])
		if words[0] == "ledger" && len(words) == 2 {
			err = ledger(words[1])
		} else if words[0] == "proof" && len(words) == 3 {
			err = proof(words[1], words[2])
		}
		if err != nil {
			fmt.Printf("bad %v\n", err)
		} else {
			fmt.Println("good")
		}
	}
}
